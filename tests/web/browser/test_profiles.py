"""People in a browser: a profile with a cropped picture and a status, the directory, on a desk and on a phone."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.media import picture

from .conftest import Arrives
from .person import Person

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


async def fits(page: Page) -> bool:
    """Return whether nothing reaches over the side of the screen, once the page has its styles."""
    await page.wait_for_load_state("load")
    fits: bool = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return fits


async def loaded(page: Page, selector: str) -> None:
    """Return once a picture is shown."""
    picture = page.locator(selector).first
    await expect(picture).to_be_visible()
    await page.wait_for_function(
        "(image) => image.complete && image.naturalWidth > 0", arg=await picture.element_handle()
    )


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    """A picture that is wider than high, red on its upper left."""
    path = tmp_path / "portrait.png"
    path.write_bytes(picture(600, 400))
    return path


async def fills_in(person: Person, handle: str) -> None:
    page = person.page
    await page.get_by_role("link", name="Your profile").click()
    await page.get_by_label("Handle").fill(handle)
    await page.get_by_label("Title").fill("Analyst of engines")
    await page.get_by_label("Time zone").select_option("Europe/London")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_label("Title")).to_have_value("Analyst of engines")
    await page.get_by_label("Emoji").fill("🌴")
    await page.get_by_label("What are you doing?").fill("On holiday")
    await page.get_by_label("Show it").select_option("An hour")
    await page.get_by_role("button", name="Set the status").click()
    await expect(page.locator(".now")).to_contain_text("On holiday")


async def crops(person: Person, portrait: Path) -> None:
    """Choose a quarter of the picture, on its upper left."""
    page = person.page
    await page.locator("#file").set_input_files(portrait)
    canvas = page.locator("canvas")
    await expect(canvas).to_be_visible()
    # The square of 400 pixels begins in the middle: to the left, and half as large.
    for name, value in (("left", "100"), ("top", "0"), ("side", "400")):
        await expect(page.locator(f"[name={name}]")).to_have_value(value)
    box = await canvas.bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2, steps=5)
    await page.mouse.up()
    await expect(page.locator("[name=left]")).to_have_value("0")
    await page.locator("#zoom").fill("50")
    await canvas.press("ArrowUp")
    await expect(page.locator("[name=side]")).to_have_value("200")


async def test_a_profile_is_filled_in_and_found(alice: Person, bob: Person, portrait: Path, tmp_path: Path) -> None:
    handle = f"ada.{alice.name[-6:]}"
    await fills_in(alice, handle)
    await crops(alice, portrait)
    page = alice.page
    await page.screenshot(path=tmp_path / "crop.png", full_page=True)
    await page.get_by_role("button", name="Use this picture").click()
    await loaded(page, ".picture-forms .picture")
    await page.screenshot(path=tmp_path / "profile.png", full_page=True)

    friend = bob.page
    await friend.get_by_role("link", name="People", exact=True).click()
    await friend.get_by_label("Name or handle").fill(f"@{handle.upper()}")
    await friend.get_by_role("button", name="Search").click()
    row = friend.locator(".person-row", has_text=alice.name)
    await expect(row).to_contain_text("On holiday")
    await loaded(friend, ".person-row .picture")
    await friend.screenshot(path=tmp_path / "people.png", full_page=True)
    await row.click()
    await expect(friend.get_by_role("heading", level=1)).to_have_text(alice.name)
    await expect(friend.locator(".person")).to_contain_text("local time, Europe/London")
    await loaded(friend, ".person .picture")
    await friend.screenshot(path=tmp_path / "person.png", full_page=True)
    await friend.get_by_role("button", name="Write a message").click()
    await expect(bob.title).to_have_text(alice.name)


async def test_on_a_phone_everything_fits(arrives: Arrives, portrait: Path, tmp_path: Path) -> None:
    person = await arrives("Wolfeschlegelsteinhausenbergerdorff-Longname", **PHONE)
    page = person.page
    for path in ("/people", "/profile"):
        await page.goto(f"{person.url}{path}")
        assert await fits(page), path
    await page.locator("#file").set_input_files(portrait)
    await expect(page.locator("canvas")).to_be_visible()
    assert await fits(page)
    await page.screenshot(path=tmp_path / "phone-crop.png", full_page=True)
    await page.get_by_role("button", name="Use this picture").click()
    await loaded(page, ".picture-forms .picture")
    await page.get_by_label("What are you doing?").fill("x" * 100)
    await page.get_by_role("button", name="Set the status").click()
    await expect(page.locator(".now")).to_be_visible()
    assert await fits(page)
    await page.screenshot(path=tmp_path / "phone-profile.png", full_page=True)
    await page.get_by_role("link", name="As others see it").click()
    await page.wait_for_url("**/people/*")
    await page.screenshot(path=tmp_path / "phone-person.png", full_page=True)
    assert await fits(page)
    await page.goto(f"{person.url}/people")
    assert await fits(page)
    await page.screenshot(path=tmp_path / "phone-people.png", full_page=True)


async def test_without_a_script_the_middle_is_shown(arrives: Arrives, portrait: Path) -> None:
    person = await arrives("Plain", java_script_enabled=False)
    page = person.page
    # The browser reports the refusal below.
    person.may_lose_connection = True
    await page.goto(f"{person.url}/profile")
    await page.locator("#file").set_input_files(portrait)
    await expect(page.locator("canvas")).to_be_hidden()
    await page.get_by_role("button", name="Use this picture").click()
    await expect(page.locator(".picture-forms img.picture")).to_be_visible()
    await page.get_by_label("Handle").fill("admin")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("not for people")
    await expect(page.get_by_label("Handle")).to_have_value("admin")


async def test_a_new_name_is_shown_where_others_talk(alice: Person, bob: Person, together: str) -> None:
    await alice.says("before")
    await bob.sees("before")
    await bob.says("hello")
    await alice.sees("hello")
    other = await alice.page.context.new_page()
    await other.goto(f"{alice.url}/profile")
    await other.get_by_label("Name", exact=True).fill(f"Countess {alice.name[-6:]}")
    await other.get_by_role("button", name="Save", exact=True).click()
    await expect(bob.page.locator(".message", has_text="before").locator(".author")).to_have_text(
        f"Countess {alice.name[-6:]}"
    )
    await other.close()
