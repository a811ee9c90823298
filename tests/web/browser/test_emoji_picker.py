"""The picker of emoji: by mouse, by keyboard and by touch, for reactions and for texts."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from .conftest import Arrives
from .person import Person, holds

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}


def picker(page: Page) -> Locator:
    return page.locator("#picker")


def cell(page: Page, name: str) -> Locator:
    return picker(page).get_by_role("gridcell", name=name, exact=True)


async def opens(person: Person, text: str) -> None:
    await person.does("react", text)
    await expect(picker(person.page)).to_be_visible()


async def focused(page: Page) -> str:
    """Return the accessible name of what has the focus."""
    name: str = await page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.title")
    return name


async def test_an_emoji_is_found_by_its_name_and_reacts(alice: Person, bob: Person, together: str) -> None:
    await alice.says("we ship today")
    await bob.sees("we ship today")
    await opens(bob, "we ship today")
    assert await focused(bob.page) == "Search emoji"
    await bob.page.keyboard.type("rocke")
    await expect(cell(bob.page, "rocket")).to_be_visible()
    await expect(picker(bob.page).get_by_role("status")).to_have_text(re.compile(r"Found: \d"))
    await bob.page.keyboard.press("Enter")
    await expect(picker(bob.page)).to_be_hidden()
    await expect((await alice.sees("we ship today")).locator(".chip")).to_contain_text("🚀")


async def test_what_is_not_found_is_said(alice: Person, together: str) -> None:
    await alice.says("hm")
    await opens(alice, "hm")
    await alice.page.keyboard.type("qqqq")
    await expect(picker(alice.page).get_by_role("status")).to_have_text("No emoji has such a name.")
    await alice.page.keyboard.press("Enter")
    await expect(picker(alice.page)).to_be_visible()


async def test_keys_move_in_the_grid_and_escape_gives_the_focus_back(alice: Person, together: str) -> None:
    await alice.says("by keyboard")
    message = await alice.sees("by keyboard")
    await message.hover()
    await message.locator("[data-action=react]").focus()
    await alice.page.keyboard.press("Enter")
    await expect(picker(alice.page)).to_be_visible()
    press = alice.page.keyboard.press
    moves = [
        ("ArrowDown", 0),
        ("ArrowRight", 1),
        ("ArrowDown", 10),
        ("ArrowLeft", 9),
        ("ArrowLeft", 8),
        ("End", 8),
        ("ArrowRight", 9),
        ("End", 17),
        ("Home", 9),
        ("PageUp", 0),
        ("PageDown", 45),
        ("Control+Home", 0),
    ]
    names = (
        await picker(alice.page).get_by_role("gridcell").evaluate_all("(all) => all.slice(0, 60).map((e) => e.title)")
    )
    for key, at in moves:
        await press(key)
        assert await focused(alice.page) == names[at], key
    await expect(picker(alice.page).locator(".emoji-grid [tabindex='0']")).to_have_count(1)
    await press("ArrowUp")
    assert await focused(alice.page) == "Search emoji"
    await press("Escape")
    await expect(picker(alice.page)).to_be_hidden()
    await expect(message.locator("[data-action=react]")).to_be_focused()


async def test_who_types_in_the_grid_searches(alice: Person, together: str) -> None:
    await alice.says("type")
    await opens(alice, "type")
    await alice.page.keyboard.press("ArrowDown")
    await alice.page.keyboard.type("tada")
    await expect(picker(alice.page).get_by_label("Search emoji")).to_have_value("tada")
    await expect(cell(alice.page, "party popper")).to_be_visible()


async def test_a_colour_of_skin_is_kept(alice: Person, bob: Person, together: str) -> None:
    await alice.says("hello all")
    await opens(alice, "hello all")
    await picker(alice.page).get_by_label("Skin colour", exact=True).select_option("4")
    await picker(alice.page).get_by_label("Search emoji").fill("waving hand")
    await cell(alice.page, "waving hand").click()
    await expect((await bob.sees("hello all")).locator(".chip")).to_contain_text("👋🏾")
    await alice.page.reload()
    await alice.sees("hello all")
    await opens(alice, "hello all")
    await expect(picker(alice.page).get_by_label("Skin colour", exact=True)).to_have_value("4")
    await expect(picker(alice.page).get_by_role("rowgroup", name="Used lately").get_by_role("gridcell")).to_have_text(
        ["👋🏾"]
    )


async def test_groups_bring_theirs_into_view(alice: Person, together: str) -> None:
    await alice.says("look")
    await opens(alice, "look")
    await picker(alice.page).get_by_role("button", name="food & drink").click()
    await expect(cell(alice.page, "grapes")).to_be_in_viewport()


async def test_an_emoji_is_put_where_the_caret_is(alice: Person, bob: Person, together: str) -> None:
    box = alice.page.locator("#content")
    await box.fill("good morning")
    await box.evaluate("(box) => box.setSelectionRange(4, 4)")
    await alice.page.get_by_role("button", name="Insert an emoji").click()
    await expect(picker(alice.page)).to_be_visible()
    await alice.page.keyboard.type("sunrise")
    await cell(alice.page, "sunrise").click()
    await expect(box).to_be_focused()
    await expect(box).to_have_value("good🌅 morning")
    await box.press("Enter")
    await bob.sees("good🌅 morning")


async def test_what_one_uses_is_offered_at_the_message_and_in_its_menu(
    alice: Person, bob: Person, together: str
) -> None:
    await alice.says("first")
    await alice.says("second")
    await bob.sees("second")
    await opens(bob, "first")
    await bob.page.keyboard.type("octopus")
    await bob.page.keyboard.press("Enter")
    await expect(bob.message("first").locator(".chip")).to_contain_text("🐙")
    await bob.message("second").hover()
    await expect(bob.message("second").locator(".actions > .quick button")).to_have_text(["🐙", "👍", "❤️"])
    await bob.message("second").locator(".actions > .quick").get_by_role("button", name="React with 🐙").click()
    await expect((await alice.sees("second")).locator(".chip")).to_contain_text("🐙")
    await bob.message("second").locator("summary[title=More]").click()
    await expect(bob.message("second").locator(".menu > .quick button")).to_have_count(6)


async def test_names_are_in_the_language_of_the_page(alice: Person, together: str) -> None:
    await alice.says("auf Deutsch")
    await alice.page.evaluate("document.documentElement.lang = 'de-AT'")
    await opens(alice, "auf Deutsch")
    await alice.page.keyboard.type("rakete")
    await expect(cell(alice.page, "Rakete")).to_be_visible()


async def test_on_a_phone_it_is_a_sheet(arrives: Arrives) -> None:
    carol = await arrives("Carol", **PHONE)
    await carol.page.locator("summary", has_text="Groups").tap()
    await carol.page.locator("#new-group").fill("Beach")
    await carol.page.locator("#new-group").press("Enter")
    await carol.page.get_by_role("link", name="Close").tap()
    await carol.page.locator("#content").fill("swim?")
    await carol.page.locator("#foot").get_by_role("button", name="Send", exact=True).tap()
    message = await carol.sees("swim?")
    await message.tap()
    await message.locator("[data-action=react]").tap()
    await expect(picker(carol.page)).to_be_visible()
    box = await picker(carol.page).bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 375, 740)
    smallest = await picker(carol.page).locator(".emoji-grid .emoji-button").first.bounding_box()
    assert smallest is not None
    assert min(smallest["width"], smallest["height"]) >= 44
    # The keyboard of the phone stays away until somebody searches.
    assert await focused(carol.page) != "Search emoji"
    await cell(carol.page, "grinning face").tap()
    await expect(message.locator(".chip")).to_contain_text("😀")


async def test_what_is_not_on_the_screen_is_not_laid_out(alice: Person, together: str) -> None:
    await alice.says("fast")
    await opens(alice, "fast")
    cells = picker(alice.page).get_by_role("gridcell", include_hidden=True)
    await expect(picker(alice.page).get_by_role("rowgroup", name="flags", include_hidden=True)).to_have_count(1)
    assert await cells.count() > 1_800
    laid_out = await cells.evaluate_all(
        "(all) => all.filter((e) => e.checkVisibility({ contentVisibilityAuto: true })).length"
    )
    assert 0 < laid_out < 700


async def test_without_the_data_the_page_says_so_and_it_comes_later(alice: Person, together: str) -> None:
    await alice.says("offline")
    alice.may_lose_connection = True
    await alice.page.route(re.compile(r"/emoji/\w+[^/]*\.json"), lambda route: route.abort())
    await alice.does("react", "offline")
    await expect(alice.page.locator("#notices")).to_contain_text("cannot be loaded")
    await alice.page.unroute_all()
    await opens(alice, "offline")


@pytest.mark.parametrize("width", [375, 1280])
async def test_it_stays_within_the_page(alice: Person, together: str, width: int) -> None:
    await alice.page.get_by_role("link", name="Close").click()
    await alice.page.set_viewport_size({"width": width, "height": 620})
    await alice.says("at the end")
    await opens(alice, "at the end")
    await holds(alice.page, _INSIDE)


_INSIDE = """async () => {
    const { left, top, right, bottom } = document.getElementById('picker').getBoundingClientRect();
    return right - left < 400 && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
}"""
