"""Narrow and enlarged screens, fingers, forced colours, no motion: all is shown whole, and can be pressed."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from .conftest import Arrives
from .person import Person
from .tour import PAGES, STRANGERS, Tour, call

# In pixels; a browser may round the last one.
FINGER = 43.5
# In pixels of the page: a small phone, and a screen of 1,280 x 720 of which everything is twice as large.
SMALL, ENLARGED = {"width": 320, "height": 640}, {"width": 640, "height": 360}
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
# Reached by a pointer or the Tab key alone, or not to be seen at all.
_SHOWN = """
const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !element.closest('.skip, .hidden, .actions, noscript') && element.type !== 'hidden';
const named = ({ tagName, className, textContent }, ...more) =>
    [tagName, className, textContent.trim().slice(0, 40), ...more].join(' ');
"""
# What reaches over a side of the screen, and can not be scrolled to in the box of a code or a table.
_OVER = f"""() => {{
    {_SHOWN}
    const inBox = (element) => {{
        const box = element.closest('pre, table, .table');
        return box && box !== element && getComputedStyle(box).overflowX === 'auto';
    }};
    const isOver = ({{ left, right }}) => right > innerWidth + 1 || left < -1;
    const all = 'a, button, input, select, textarea, summary, h1, h2, h3, p, label, li, pre';
    const over = [...document.querySelectorAll(all)]
        .filter((element) => shown(element) && isOver(element.getBoundingClientRect()) && !inBox(element))
        .map((element) => named(element));
    const {{ scrollWidth }} = document.documentElement;
    return scrollWidth > innerWidth ? [`the page is ${{scrollWidth}} wide`, ...over] : over;
}}"""
# What can be pressed and is smaller than a finger. A link in the midst of a text is as high as that; a label is pressed
# for its field.
_TOO_SMALL = f"""() => {{
    {_SHOWN}
    const inText = (element) => element.matches('a, .link') && getComputedStyle(element).display === 'inline'
        && element.parentElement.textContent.trim() !== element.textContent.trim();
    const pressed = (element) =>
        (element.matches('[type=checkbox], [type=radio], [type=file]') && element.closest('label')) || element;
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
        .filter((element) => shown(element) && !inText(element))
        .map((element) => [element, pressed(element).getBoundingClientRect()])
        .filter(([, {{ width, height }}]) => width && (width < {FINGER} || height < {FINGER}))
        .map(([element, {{ width, height }}]) => named(element, width, height));
}}"""


_MOVING = """() => [...document.querySelectorAll('*')]
    .map((element) => getComputedStyle(element))
    .filter(({ transitionDuration: time, animationName }) => parseFloat(time) || animationName !== 'none').length
"""


async def at(tour: Tour, stranger: Page, name: str) -> Page:
    page = stranger if name in STRANGERS else tour.owner.page
    await page.goto(tour.address(name))
    await page.wait_for_load_state("load")
    return page


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_whole_where_there_is_little_room(tour: Tour, stranger: Page, name: str) -> None:
    page = await at(tour, stranger, name)
    for size in (SMALL, ENLARGED):
        await page.set_viewport_size(size)  # type: ignore[arg-type] # a size
        assert await page.evaluate(_OVER) == [], size
    await page.set_viewport_size({"width": 1280, "height": 720})


@pytest.fixture(scope="module")
async def phone(browser: Browser, tour: Tour) -> AsyncIterator[Page]:
    """The owner's own phone."""
    context = await browser.new_context(service_workers="block", **PHONE)  # type: ignore[arg-type] # options
    await context.add_cookies(await tour.owner.page.context.cookies())  # type: ignore[arg-type] # what it returned
    yield await context.new_page()
    await context.close()


@pytest.mark.parametrize("name", sorted(set(PAGES) - STRANGERS))
async def test_what_is_pressed_is_as_large_as_a_finger(tour: Tour, phone: Page, name: str) -> None:
    await phone.goto(tour.address(name))
    await phone.wait_for_load_state("load")
    assert await phone.evaluate("matchMedia('(pointer: coarse)').matches")
    assert await phone.evaluate(_TOO_SMALL) == []


@pytest.mark.parametrize("width", [701, 800, 900, 1020])
async def test_a_panel_hides_no_half_of_a_message(tour: Tour, width: int) -> None:
    page = tour.owner.page
    await page.set_viewport_size({"width": width, "height": 720})
    await page.goto(tour.address("thread"))
    await expect(page.locator("#panel")).to_be_visible()
    await expect(page.locator("#scroller")).to_be_hidden()
    sidebar, panel = [await page.locator(part).bounding_box() for part in ("#sidebar", "#panel")]
    assert sidebar
    assert panel
    assert round(panel["x"]) == round(sidebar["x"] + sidebar["width"])
    assert round(panel["x"] + panel["width"]) == width
    await page.keyboard.press("Escape")
    await expect(page.locator("#scroller")).to_be_visible()
    await page.set_viewport_size({"width": 1280, "height": 720})


# --- fingers ----------------------------------------------------------------------------------------------------------
@pytest.fixture
async def touching(arrives: Arrives) -> tuple[Person, CDPSession]:
    alice = await arrives("Alice", **PHONE)
    # The first page of a phone is the list.
    group = await call(alice.page, "POST", "/api/groups", {"name": "Pocket"})
    await alice.page.goto(f"{alice.url}/groups/{group['id']}")
    await alice.page.wait_for_load_state("load")
    said = {"groupId": group["id"], "content": "pressed for long"}
    await call(alice.page, "POST", "/api/messages", said)
    await alice.sees("pressed for long")
    return alice, await alice.page.context.new_cdp_session(alice.page)


async def presses_long(person: Person, session: CDPSession, text: str) -> None:
    box = await person.message(text).locator(".content").bounding_box()
    assert box
    point = {"x": box["x"] + 20, "y": box["y"] + box["height"] / 2}
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await expect(person.page.locator(".actions.sheet")).to_be_visible()
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def test_a_long_press_opens_a_sheet(touching: tuple[Person, CDPSession]) -> None:
    alice, session = touching
    page = alice.page
    await presses_long(alice, session, "pressed for long")
    sheet = page.locator(".actions.sheet")
    # It stays when the finger is lifted, and has its words.
    await expect(sheet.get_by_text("Copy the text")).to_be_visible()
    await expect(sheet.get_by_text("Reply in a thread")).to_be_visible()
    box = await sheet.bounding_box()
    assert box
    assert (round(box["width"]), round(box["y"] + box["height"])) == (375, 740)
    for entry in await sheet.locator("a:visible, button:visible").all():
        size = await entry.bounding_box()
        assert size
        assert size["height"] >= 44
    # A tap beside it closes it, and does nothing else.
    await page.touchscreen.tap(180, 30)
    await expect(sheet).to_have_count(0)
    await presses_long(alice, session, "pressed for long")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    assert await page.evaluate("Boolean(document.activeElement.closest('.sheet'))")
    await page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(alice.message("pressed for long")).to_be_focused()
    await presses_long(alice, session, "pressed for long")
    await sheet.get_by_text("Pin", exact=True).tap()
    await expect(sheet).to_have_count(0)
    await expect(alice.message("pressed for long").locator(".pinned")).to_be_visible()


async def test_a_finger_that_moves_scrolls(touching: tuple[Person, CDPSession]) -> None:
    alice, session = touching
    box = await alice.message("pressed for long").locator(".content").bounding_box()
    assert box
    point = {"x": box["x"] + 20, "y": box["y"] + 5}
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    moved = {"x": point["x"], "y": point["y"] - 60}
    await session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
    # Longer than a long press takes.
    await alice.page.evaluate("new Promise((resolve) => setTimeout(resolve, 700))")
    await expect(alice.page.locator(".actions.sheet")).to_have_count(0)
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


# --- what the reader's system sets ------------------------------------------------------------------------------------
async def test_with_forced_colours_states_and_the_focus_are_seen(tour: Tour) -> None:
    page = tour.owner.page
    await page.emulate_media(forced_colors="active")
    await page.goto(tour.address("group"))
    current = page.locator("#sidebar a[aria-current]").first
    await expect(current).to_have_css("outline-style", "solid")
    await page.locator("#content").focus()
    await expect(page.locator("#foot .composer-row")).to_have_css("outline-style", "solid")
    await page.emulate_media(forced_colors="none")


async def test_without_motion_nothing_moves(tour: Tour) -> None:
    page = tour.owner.page
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(tour.address("thread"))
    assert await page.evaluate(_MOVING) == 0
    await page.emulate_media(reduced_motion="no-preference")
    assert await page.evaluate(_MOVING) > 0
