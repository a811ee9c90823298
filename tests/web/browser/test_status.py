"""The status page in a browser: it stays up to date by itself, with and without its script, on any screen."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.web.serving import Server

TOKEN = "figures-please"
PATIENCE = 20_000
# What the browser says of the page that is shown to strangers, with 403.
_REFUSED = "403 (Forbidden)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("status") / "server.log"
    server = Server(log, HEALTH_TOKEN=TOKEN, HEALTH_INTERVAL="0.5")
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


class Watched:
    """A page, and what the browser complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and _REFUSED not in message.text:
            self.faults.append(message.text)

    async def open(self, server: Server) -> None:
        await self.page.goto(f"{server.url}/status")
        await self.page.get_by_label("Token of this server").fill(TOKEN)
        await self.page.get_by_role("button", name="Show the figures").click()
        await expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    async def is_live(self) -> None:
        """Return once the page has brought itself up to date: its script runs from then on."""
        time = self.page.locator("time").first
        await expect(time).not_to_have_text(await time.text_content() or "", timeout=PATIENCE)

    async def fits(self) -> bool:
        """Return whether nothing reaches over the side of the screen."""
        fits: bool = await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        return fits


@pytest.fixture
async def watched(browser: Browser) -> AsyncIterator[Watched]:
    context = await browser.new_context()
    yield Watched(await context.new_page())
    await context.close()


async def test_it_stays_up_to_date_by_itself(watched: Watched, server: Server) -> None:
    await watched.open(server)
    await watched.is_live()
    await expect(watched.page.locator(".chart")).to_have_count(6)
    await expect(watched.page.locator("#stale")).to_be_hidden()
    # What happens on the server shows without a reload.
    await expect(watched.page.locator(".part .state")).to_have_text(["ok"] * 5, timeout=PATIENCE)
    assert watched.faults == []


async def test_a_pointer_reads_a_chart(watched: Watched, server: Server) -> None:
    await watched.open(server)
    chart = watched.page.locator(".chart").first
    await expect(chart).to_have_attribute("data-readings", re.compile(r"\[\["), timeout=PATIENCE)
    await chart.locator("svg").hover()
    await expect(chart.locator("[data-now]")).to_have_text(re.compile(r"\d:\d\d.* · 0"))
    await watched.page.mouse.move(2, 2)
    await expect(chart.locator("[data-now]")).to_have_text("0")
    assert watched.faults == []


async def test_it_says_when_the_server_does_not_answer_and_goes_on_when_it_does(
    watched: Watched, server: Server
) -> None:
    await watched.open(server)
    await watched.is_live()
    server.stop()
    try:
        await expect(watched.page.locator("#stale")).to_be_visible(timeout=PATIENCE)
        await expect(watched.page.get_by_role("heading", level=1)).to_be_visible()
    finally:
        server.start()
    await expect(watched.page.locator("#stale")).to_be_hidden(timeout=PATIENCE)


async def test_whoever_loses_access_sees_no_figure_any_more(watched: Watched, server: Server) -> None:
    await watched.open(server)
    await watched.is_live()
    await watched.page.context.clear_cookies()
    await expect(watched.page.get_by_label("Token of this server")).to_be_visible(timeout=PATIENCE)
    await expect(watched.page.locator(".chart")).to_have_count(0)


async def test_without_its_script_it_works_and_comes_again(browser: Browser, server: Server) -> None:
    context = await browser.new_context(java_script_enabled=False)
    watched = Watched(await context.new_page())
    await watched.open(server)
    await expect(watched.page.locator(".chart svg path.line").first).to_be_attached()
    await expect(watched.page.locator("noscript meta[http-equiv=refresh]")).to_have_count(1)
    await watched.page.get_by_role("button", name="Forget the token").click()
    await expect(watched.page.get_by_label("Token of this server")).to_be_visible()
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
async def test_it_fits_any_screen(browser: Browser, server: Server, tmp_path: Path, scheme: str, width: int) -> None:
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844})  # type: ignore[arg-type] # one of its words
    watched = Watched(await context.new_page())
    await watched.page.goto(f"{server.url}/status")
    assert await watched.fits()
    await watched.open(server)
    # The longest state, in each place that shows one: which states a server is in when this runs is chance.
    await watched.page.locator(".state").evaluate_all("states => states.forEach(each => each.textContent = 'degraded')")
    assert await watched.fits()
    assert watched.faults == []
    await context.close()
