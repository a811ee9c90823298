"""Makes pictures, and is no test: of every page in both themes on four screens, and the two of the README.

    bin/test tests/web/browser/screenshots.py               all of them
    SCREENSHOTS=/folder bin/test tests/web/browser/screenshots.py -k "thread or readme"

They go to the folder that SCREENSHOTS names, else to test-results/screenshots; the README's own to docs/images.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.serving import ROOT, Server

from .company import COLLEAGUES, LONG_NAMES, OWNER, chat, hire, make_groups
from .person import Person
from .test_accounts import join
from .tour import PAGES, STRANGERS, Tour

FOLDER = Path(os.environ.get("SCREENSHOTS", ROOT / "test-results" / "screenshots"))
SCHEMES = ("light", "dark")
SCREENS = {375: 740, 900: 700, 1280: 800, 1920: 1080}
README = {"width": 1280, "height": 800}
# Besides those of the tour: what only a company has.
COMPANY = {"company-group": "/groups/{launch}", "company-thread": "/groups/{launch}/threads/{root}"}
_CHART = """<svg width="720" height="380" viewBox="0 0 720 380"><rect width="720" height="380" fill="#faf8f4"/>
<g stroke="#e8e4da">{lines}</g><g fill="#17786b">{bars}</g></svg>"""


async def draw_chart(page: Page) -> bytes:
    """Return a picture that somebody may send, drawn by the browser."""
    heights = [100, 122, 142, 134, 176, 210, 254]
    bars = "".join(f'<rect x="{60 + 90 * n}" y="{336 - h}" width="60" height="{h}"/>' for n, h in enumerate(heights))
    lines = "".join(f'<path d="M40 {y}.5h640"/>' for y in range(64, 337, 68))
    await page.set_content(_CHART.format(lines=lines, bars=bars))
    return await page.locator("svg").screenshot()


@pytest.fixture(scope="session", autouse=True)
def unlimited() -> Iterator[None]:
    """A company says more at once than a person may."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RATE_LIMITS", "off")
        yield


@pytest.fixture(scope="session")
async def places(tour: Tour, browser: Browser) -> dict[str, str]:
    """The tour's workspace, with a company in it and more groups than fit on a screen."""
    page = tour.owner.page
    drawing = await browser.new_page()
    async with httpx.AsyncClient(base_url=tour.owner.url, timeout=60) as client:
        people = await hire(tour.owner, client)
        groups = await make_groups(page, people, ("Design", "Launch week", *LONG_NAMES))
        await make_groups(page, [], [f"project {number:02}" for number in range(45)])
        root = await chat(page, people, groups, await draw_chart(drawing))
        for name in LONG_NAMES:
            await people[0].says(groups[name], f"This is {name}.")
    await drawing.close()
    return {**tour.names, "launch": groups["Launch week"], "root": root}


@pytest.mark.parametrize("name", [*COMPANY, *PAGES])
async def test_page(tour: Tour, stranger: Page, places: dict[str, str], name: str) -> None:
    page = stranger if name in STRANGERS else tour.owner.page
    path = (COMPANY | PAGES)[name].format(**places)
    for width, height in SCREENS.items():
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(tour.owner.url + path, wait_until="load")
        await _in_both_themes(page, FOLDER / f"{name}-{width}")


async def _in_both_themes(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type] # of SCHEMES
        await page.screenshot(path=f"{path}-{scheme}.png")


@pytest.fixture
async def anna(browser: Browser, tmp_path: Path) -> AsyncIterator[Person]:
    """The owner of a workspace of her own."""
    server = Server(tmp_path / "server.log", SIGN_IN="accounts")
    server.manage("create_tables")
    server.start()
    context = await browser.new_context(locale="en-GB", service_workers="block", viewport=README)  # type: ignore[arg-type] # a size
    anna = Person(OWNER, await context.new_page(), server.url)
    link = await asyncio.to_thread(server.manage, "owner_link")
    await join(anna, link.strip(), "anna")
    yield anna
    await context.close()
    server.stop()


async def test_readme(anna: Person, stranger: Page) -> None:
    page = anna.page
    async with httpx.AsyncClient(base_url=anna.url, timeout=60) as client:
        people = await hire(anna, client, COLLEAGUES[:5])
        groups = await make_groups(page, people)
        root = await chat(page, people, groups, await draw_chart(stranger))
    await page.goto(f"{anna.url}/groups/{groups['Launch week']}/threads/{root}", wait_until="networkidle")
    await expect(page.locator("#panel .message")).to_have_count(5)
    await _in_both_themes(page, FOLDER / "readme")
    for scheme, name in zip(SCHEMES, ("chat.png", "chat-dark.png"), strict=True):
        (ROOT / "docs" / "images" / name).write_bytes((FOLDER / f"readme-{scheme}.png").read_bytes())
