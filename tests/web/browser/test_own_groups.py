"""What one sets of groups for oneself, sections, pictures of groups, and deleting one, in the browser."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.media import picture

from .conftest import Arrives, OpensAgain
from .person import A_BURST, Person


def titles(page: Page) -> Locator:
    return page.locator("#favourites:not([hidden]) h2, #own-sections h2")


def names_in(page: Page, part: str) -> Locator:
    return page.locator(f"{part} .group [data-field=name]")


async def details(person: Person) -> Locator:
    form = person.page.locator(".own-settings")
    # Opened again, it would be replaced while it is filled in.
    if not await form.count():
        await person.page.get_by_role("link", name="Members and details").click()
    await expect(form).to_be_visible()
    return form


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.png"
    path.write_bytes(picture(120, 90))
    return path


async def test_favourites_come_first_on_all_devices(alice: Person, opens_again: OpensAgain) -> None:
    for name in ("Anchor", "Buoy"):
        await alice.makes_group(name)
    other = await opens_again(alice, "/?list")
    star = alice.page.get_by_role("button", name="Favourite")
    await star.click()
    for page in (alice.page, other):
        await expect(names_in(page, "#favourites")).to_have_text(["Buoy"])
        await expect(names_in(page, "ul[data-kind=group]")).to_have_text(["Anchor"])
    await expect(star).to_have_attribute("aria-pressed", "true")
    await star.click()
    await expect(titles(other)).to_have_count(0)
    await expect(names_in(other, "ul[data-kind=group]")).to_have_text(["Anchor", "Buoy"])


async def test_what_is_muted_is_dim_and_not_in_the_title(alice: Person, bob: Person, together: str) -> None:
    form = await details(bob)
    await form.get_by_label("Mute").select_option("For an hour")
    await form.get_by_role("button", name="Apply").click()
    await expect(bob.row(together)).to_have_class(re.compile("quieted"))
    await expect(form.get_by_label("Mute").locator("option:checked")).to_have_text(re.compile("^Until "))
    await bob.page.goto(f"{bob.url}/?list")
    await alice.says("ahoy")
    await expect(bob.row(together).locator(".unread")).to_have_text("1 unread")
    await expect(bob.page).to_have_title("chatproject")
    name = bob.row(together).locator(".group-name")
    await expect(name).to_have_css("font-weight", "400")
    await bob.opens(together)
    form = await details(bob)
    await form.get_by_label("Mute").select_option("Not muted")
    await form.get_by_role("button", name="Apply").click()
    await expect(bob.row(together)).not_to_have_class(re.compile("quieted"))


async def makes_two_sections(person: Person) -> None:
    """Make the groups Anchor and Buoy, each in a section of its own."""
    for name in ("Anchor", "Buoy"):
        await person.makes_group(name)
        form = await details(person)
        await form.get_by_label("Or a new section").fill(f"{name}s")
        await form.get_by_role("button", name="Apply").click()
        await expect(form.locator("#own-section option:checked")).to_have_text(f"{name}s")


async def test_sections_are_made_where_the_group_is_and_arranged(alice: Person, opens_again: OpensAgain) -> None:
    await makes_two_sections(alice)
    other = await opens_again(alice, "/?list")
    await expect(titles(other)).to_have_text(["Anchors", "Buoys"])
    await alice.page.get_by_role("link", name="Sections of this list").click()
    await alice.page.get_by_label("Move Buoys up").click()
    await expect(titles(other)).to_have_text(["Buoys", "Anchors"])
    # Collapsed on one device, it is so on the other.
    await other.locator("#own-sections summary").first.click()
    await expect(alice.page.locator("#own-sections details").first).not_to_have_attribute("open", re.compile(".*"))
    await expect(alice.row("Buoy")).to_be_hidden()
    await alice.page.reload()
    await expect(alice.row("Buoy")).to_be_hidden()
    await alice.page.locator(".sections-list li").first.get_by_role("button", name="Delete").click()
    await alice.agrees()
    for page in (alice.page, other):
        await expect(titles(page)).to_have_text(["Anchors"])
        await expect(names_in(page, "ul[data-kind=group]")).to_have_text(["Buoy"])


ADD_A_SECTION = """async (name) => {
  const address = "/api/users/me/sections";
  const { sections, version } = await (await fetch(address)).json();
  const headers = {
    "Content-Type": "application/json",
    "X-CSRFToken": document.querySelector("#act [name=csrfmiddlewaretoken]").value,
  };
  const body = JSON.stringify({ sections: [...sections, { name }], ifVersion: version });
  return (await fetch(address, { method: "PUT", headers, body })).status;
}"""


async def test_what_lost_against_another_device_is_kept(alice: Person, opens_again: OpensAgain) -> None:
    await makes_two_sections(alice)
    other = await opens_again(alice, "/?list")
    statuses: list[int] = []

    async def lose(route: Route) -> None:
        if route.request.method == "PUT" and not statuses:
            # At this moment the other device is faster.
            statuses.append(await other.evaluate(ADD_A_SECTION, "Third"))
        response = await route.fetch()
        statuses.append(response.status)
        await route.fulfill(response=response)

    await alice.page.route("**/api/users/me/sections", lose)
    await alice.page.locator("#own-sections summary").first.click()
    for page in (alice.page, other):
        await expect(page.locator("#own-sections details")).to_have_count(3)
        await expect(page.locator("#own-sections details:not([open])")).to_have_count(1)
        await expect(page.locator("#own-sections details").first).not_to_have_attribute("open", re.compile(".*"))
    # Written, refused, read, and written again.
    assert statuses == [200, 409, 200, 200]
    (refused,) = alice.faults
    assert "409" in refused
    alice.faults.clear()


async def test_two_sections_collapsed_at_once_stay_so(alice: Person, opens_again: OpensAgain) -> None:
    await makes_two_sections(alice)
    other = await opens_again(alice, "/?list")
    await expect(titles(other)).to_have_text(["Anchors", "Buoys"])
    await alice.page.evaluate("document.querySelectorAll('#own-sections summary').forEach((each) => each.click())")
    for page in (other, alice.page):
        await expect(page.locator("#own-sections details:not([open])")).to_have_count(2)


async def test_a_picture_shows_at_all_members(alice: Person, bob: Person, together: str, image: Path) -> None:
    shown = bob.page.locator("#head [data-field=picture] img")
    await details(alice)
    await alice.page.get_by_label("Picture of the group").set_input_files(image)
    await alice.page.get_by_role("button", name="Use this picture").click()
    # The first picture of a server waits until the process that cuts it has started.
    await expect(alice.page.get_by_role("button", name="Remove the picture")).to_be_visible(timeout=A_BURST)
    await expect(shown).to_be_visible()
    await expect(bob.row(together).locator("[data-field=picture] img")).to_be_visible()
    await alice.page.get_by_role("button", name="Remove the picture").click()
    await expect(shown).to_have_count(0)
    await expect(bob.row(together).locator("[data-field=picture]")).to_have_text("#")


async def test_a_group_is_deleted_by_whoever_types_its_name(alice: Person, bob: Person, together: str) -> None:
    await details(alice)
    await alice.page.get_by_role("link", name="Delete the group").click()
    alice.may_lose_connection = True
    name = alice.page.get_by_label("Type its name")
    button = alice.page.get_by_role("button", name="Delete the group for good")
    await name.fill("something else")
    await button.click()
    await expect(alice.page.get_by_role("alert")).to_contain_text("nothing was deleted")
    await expect(bob.row(together)).to_be_visible()
    await name.fill(f" {together} ")
    await button.click()
    await expect(alice.row(together)).to_have_count(0)
    await expect(bob.page.locator("#notices")).to_contain_text(f"no longer in {together}")
    await expect(bob.row(together)).to_have_count(0)


async def test_all_of_it_works_without_a_script(arrives: Arrives, image: Path) -> None:
    plain = await arrives("Plain", java_script_enabled=False)
    for name in ("Anchor", "Buoy"):
        await plain.makes_group(name)
    form = plain.page.locator(".own-settings")
    await form.get_by_label("Or a new section").fill("Things")
    await form.get_by_label("Tell me of").select_option("Nothing")
    await form.get_by_role("button", name="Apply").click()
    await expect(titles(plain.page)).to_have_text(["Things"])
    await expect(names_in(plain.page, "#own-sections")).to_have_text(["Buoy"])
    await expect(plain.row("Buoy")).to_have_class(re.compile("quieted"))
    await form.get_by_label("Favourite").check()
    await form.get_by_role("button", name="Apply").click()
    await expect(names_in(plain.page, "#favourites")).to_have_text(["Buoy"])
    await plain.page.get_by_label("Picture of the group").set_input_files(image)
    await plain.page.get_by_role("button", name="Use this picture").click()
    await expect(plain.page.locator("#head [data-field=picture] img")).to_be_visible()
    await plain.page.get_by_role("link", name="Sections of this list").click()
    await plain.page.get_by_label("Name of a new section").fill("Other things")
    await plain.page.get_by_role("button", name="Add", exact=True).click()
    await expect(titles(plain.page)).to_have_text(["Favourites", "Things", "Other things"])
    await plain.page.get_by_label("Move Other things up").click()
    await expect(titles(plain.page)).to_have_text(["Favourites", "Other things", "Things"])
    await plain.opens("Buoy")
    await plain.page.get_by_role("link", name="Members and details").click()
    await plain.page.get_by_role("link", name="Delete the group").click()
    await plain.page.get_by_label("Type its name").fill("Buoy")
    await plain.page.get_by_role("button", name="Delete the group for good").click()
    await expect(plain.row("Buoy")).to_have_count(0)
