"""Groups and their members: adding, removing, renaming, leaving."""

from playwright.async_api import expect

from .conftest import Arrives
from .person import Person


async def test_an_added_user_sees_the_group_without_a_reload(alice: Person, bob: Person) -> None:
    await alice.makes_group("Garden")
    await expect(bob.row("Garden")).to_have_count(0)
    await alice.adds(bob)
    await expect(bob.row("Garden")).to_be_visible()
    await bob.opens("Garden")
    await bob.says("Hello")
    await alice.sees("Hello")


async def test_one_page_makes_several_groups_also_of_one_name(alice: Person) -> None:
    """A form's clientId makes one group, so the script renews it once the server has made it."""
    for name in ("Orchard", "Meadow", "Meadow"):
        await alice.makes_group(name)
    await expect(alice.row("Orchard")).to_have_count(1)
    await expect(alice.row("Meadow")).to_have_count(2)


async def test_a_rename_shows_everywhere(alice: Person, bob: Person, together: str) -> None:
    await alice.page.get_by_label("Name of the group", exact=True).fill("Marina")
    await alice.page.get_by_role("button", name="Rename").click()
    for person in (alice, bob):
        await expect(person.title).to_have_text("Marina")
        await expect(person.row("Marina")).to_be_visible()


async def test_a_removed_user_loses_the_page_at_once(alice: Person, bob: Person, together: str) -> None:
    await alice.says("still together")
    await bob.sees("still together")
    group_url = bob.page.url
    await alice.page.get_by_role("button", name=f"Remove {bob.name}").click()
    await alice.agrees()
    await expect(bob.page.locator(".welcome")).to_be_visible()
    await expect(bob.row(together)).to_have_count(0)
    await expect(bob.page.locator("#notices")).to_contain_text(f"no longer in {together}")
    bob.may_lose_connection = True
    response = await bob.page.goto(group_url)
    assert response
    assert response.status == 404
    await expect(bob.page.get_by_role("heading", name="Nothing here")).to_be_visible()


async def test_a_member_may_leave_and_an_owner_only_after_naming_another(
    alice: Person, bob: Person, together: str
) -> None:
    await expect(alice.page.get_by_role("button", name="Leave the group")).to_have_count(0)
    await alice.page.locator(".member", has_text=bob.name).locator(".role").click()
    await alice.page.get_by_role("link", name="Give them the group").click()
    # Nothing has happened yet: it is asked.
    await expect(alice.page.locator("#panel")).to_contain_text(f"Give {together} to {bob.name}?")
    await alice.page.get_by_role("button", name="Give it away").click()
    await expect(alice.page.get_by_role("button", name="Leave the group")).to_be_visible()
    await alice.page.get_by_role("button", name="Leave the group").click()
    await alice.agrees()
    await expect(alice.row(together)).to_have_count(0)
    await bob.page.get_by_role("link", name="Members and details").click()
    await expect(bob.page.locator(".member")).to_have_count(1)


async def test_names_are_suggested_and_a_part_of_a_name_offers_its_matches(alice: Person, bob: Person) -> None:
    await alice.makes_group("Suggest")
    box = alice.page.get_by_label("Name of the person to add")
    await box.press_sequentially(bob.name[:8])
    await expect(alice.page.locator(f'#people-found option[value="{bob.name}"]')).to_have_count(1)
    await box.press("Enter")
    await alice.page.get_by_role("button", name=bob.name).click()
    await expect(alice.page.locator(".member", has_text=bob.name)).to_be_visible()


async def test_a_name_that_nobody_has_is_explained(alice: Person) -> None:
    alice.may_lose_connection = True
    await alice.makes_group("Empty")
    await alice.page.get_by_label("Name of the person to add").fill("Nobody At All")
    await alice.page.get_by_role("button", name="Add", exact=True).click()
    await expect(alice.page.locator("#problem")).to_contain_text("Nobody here is called “Nobody At All”")


async def test_a_direct_conversation_is_named_after_the_other(alice: Person, bob: Person) -> None:
    await alice.page.locator("summary", has_text="Direct").click()
    await alice.page.locator("#new-direct").fill(bob.name)
    await alice.page.locator("#new-direct").press("Enter")
    await expect(alice.title).to_have_text(bob.name)
    await alice.says("between us")
    await expect(bob.row(alice.name).locator(".unread")).to_have_text("1 unread")
    await bob.opens(alice.name)
    await bob.sees("between us")


async def test_a_stranger_does_not_see_the_group(alice: Person, arrives: Arrives) -> None:
    await alice.makes_group("Private")
    charlie = await arrives("Charlie")
    charlie.may_lose_connection = True
    for path in ("", "/members", "/threads/x.1"):
        response = await charlie.page.goto(alice.page.url.removesuffix("/members") + path)
        assert response
        assert response.status == 404
