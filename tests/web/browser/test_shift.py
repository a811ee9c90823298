"""Nothing jumps: how far what is on the screen moves while a group loads, and when a panel opens beside it.

Counted as Chromium counts layout shifts, those after a press too, which its own sum leaves out.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect

from .tour import Tour, call

MOST = 0.02
# Seconds: more than Chromium lets what a press has caused move things without counting it.
_LATE = 1.0
_WATCH = """
window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach(({ value, sources }) =>
    window.shifts.push([value, ...sources.map(({ node }) => node?.id || node?.className || node?.nodeName)])))
    .observe({ type: 'layout-shift', buffered: true });
"""
# What a frame has moved is told after the next one.
_AT_REST = (
    "() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))))"
)


@pytest.fixture
async def watched(browser: Browser, tour: Tour) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    await context.add_cookies(await tour.owner.page.context.cookies())  # type: ignore[arg-type] # what it returned
    await context.add_init_script(_WATCH)
    # The page of a quote, where other tests may have been, leaves a long draft: its box moves what is above it.
    await tour.owner.page.goto(tour.address("inbox"))
    await call(tour.owner.page, "DELETE", f"/api/drafts?groupId={tour.names['group']}")
    yield await context.new_page()
    await context.close()


async def _late(route: Route) -> None:
    await asyncio.sleep(_LATE)
    await route.continue_()


async def shifts(page: Page) -> float:
    """Return how much has moved, and count anew."""
    await page.evaluate(_AT_REST)
    moved: list[list[float]] = await page.evaluate("window.shifts.splice(0)")
    print(moved)  # Shown where a test fails.
    return sum(value for value, *_ in moved)


async def test_a_group_loads_without_a_jump(watched: Page, tour: Tour) -> None:
    # The box has its tools long after it is shown, as on a slow line.
    await watched.route("**/js/writing/main.js", _late)
    await watched.goto(tour.address("group"), wait_until="networkidle")
    await expect(watched.locator("#content")).to_be_focused()
    await expect(watched.locator("#foot .tools")).to_be_visible()
    assert await shifts(watched) <= MOST


@pytest.mark.parametrize("panel", ["members", "thread"])
async def test_a_panel_opens_without_a_jump(watched: Page, tour: Tour, panel: str) -> None:
    await watched.goto(tour.address("group"), wait_until="networkidle")
    await shifts(watched)
    path = tour.address(panel).removeprefix(tour.owner.url)
    await watched.locator(f'.conversation a[href="{path}"]').first.evaluate("link => link.click()")
    await expect(watched.locator("#panel")).to_be_visible()
    await watched.wait_for_load_state("networkidle")
    assert await shifts(watched) <= MOST


async def test_a_jump_is_seen(watched: Page, tour: Tour) -> None:
    """What this relies on."""
    await watched.goto(tour.address("group"), wait_until="networkidle")
    await shifts(watched)
    await watched.evaluate("document.getElementById('head').style.height = '300px'")
    assert await shifts(watched) > MOST
