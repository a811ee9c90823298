"""A headless Chromium with a group's page: what it asks for, and what messages that arrive cost it."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from playwright.async_api import BrowserContext, CDPSession, Page, async_playwright

from bench.chromium import ARGUMENTS, find_chromium, watched
from bench.launcher import RunningSystem
from bench.load.run import percentiles
from bin.local.console import UserError

_AT_REST_SECONDS = 1.5
_SHOWN = "#scroller .message"
# A frame after a message was put on the page, it can be seen.
_WATCH = """() => {
    window.seen = {};
    new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) {
            const number = node.textContent?.match(/number (\\d+)\\./)?.[1];
            if (number) requestAnimationFrame(() => (window.seen[number] ??= Date.now()));
        }
    }).observe(document.querySelector("#scroller .log"), { childList: true, subtree: true });
}"""
_TRACED = {"includedCategories": ["toplevel", "__metadata"]}


@asynccontextmanager
async def signed_in(running: RunningSystem, cookie: Mapping[str, str]) -> AsyncIterator[BrowserContext]:
    """Start a browser that has this cookie and has never been anywhere."""
    path = find_chromium()
    if not path:
        raise UserError("There is no Chromium: install one, or set CHROMIUM to its path.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        context = await browser.new_context(service_workers="block", viewport={"width": 1280, "height": 800})
        await context.add_cookies(
            [{"name": name, "value": value, "url": running.url} for name, value in cookie.items()]
        )
        yield context
        await browser.close()


def _group_url(running: RunningSystem) -> str:
    return f"{running.url}/groups/{running.fixture.groups[0].id}?newest"


# --- opening ---------------------------------------------------------------------------------------------------------
async def open_twice(running: RunningSystem, cookie: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the first page of a group costs a browser, and what the next one does."""
    async with signed_in(running, cookie) as context:
        return [await _open(context, _group_url(running)) for _ in range(2)]


async def _open(context: BrowserContext, url: str) -> dict[str, Any]:
    page = await context.new_page()
    async with watched(page) as traffic:
        await page.goto(url)
        await page.locator(_SHOWN).last.wait_for()
    await page.close()
    return {"requests": len(traffic.requests), "kilobytes": traffic.at_load / 1e3}


# --- messages arriving -----------------------------------------------------------------------------------------------
async def receive(running: RunningSystem, cookie: Mapping[str, str], rate: float, seconds: float) -> dict[str, Any]:
    """Return what messages cost a page that shows as many as it keeps, and when they are seen there."""
    async with signed_in(running, cookie) as context:
        page = await context.new_page()
        await page.goto(_group_url(running))
        await _fill(page)
        session = await context.new_cdp_session(page)
        await session.send("Performance.enable")
        await page.evaluate(_WATCH)
        before = await _metrics(session)
        tasks = _Tasks(session)
        await tasks.start()
        sent = await _send(running, rate, seconds)
        await page.wait_for_function("(last) => last in window.seen", arg=str(len(sent) - 1), timeout=60_000)
        longest = await tasks.longest()
        after = await _metrics(session)
        seen = await page.evaluate("() => window.seen")
        delays = [max(0.0, seen[str(number)] / 1e3 - at) for number, at in enumerate(sent)]
        return {
            **{f"seen_{name}_ms": value for name, value in percentiles(delays).items()},
            "longest_task_ms": longest,
            "browser_ms_per_message": (after["TaskDuration"] - before["TaskDuration"]) / len(sent) * 1e3,
            "heap_mb": after["JSHeapUsedSize"] / 1e6,
            "elements": await page.evaluate("() => document.querySelectorAll('*').length"),
        }


async def _fill(page: Page) -> None:
    """Scroll back until the page keeps no more than it did, then go to the newest again."""
    shown = 0
    while (count := await page.locator(_SHOWN).count()) > shown:
        shown = count
        await page.evaluate("() => document.querySelector('#scroller').scrollTo(0, 0)")
        await asyncio.sleep(_AT_REST_SECONDS)
    jump = page.locator("#jump")
    if await jump.is_visible():
        await jump.click()
    await page.locator(_SHOWN).last.scroll_into_view_if_needed()
    await asyncio.sleep(_AT_REST_SECONDS)


async def _send(running: RunningSystem, rate: float, seconds: float) -> list[float]:
    """Send at this rate as the other member; return the times, of the epoch, by the messages' numbers."""
    group = running.fixture.groups[0]
    headers = {"Authorization": f"Bearer {running.fixture.tokens[group.members[1]]}"}
    times: list[float] = []
    async with aiohttp.ClientSession(running.url, headers=headers) as http, asyncio.TaskGroup() as tasks:
        begin = time.monotonic()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
            times.append(time.time())
            body = {"groupId": group.id, "content": f"number {number}. with *some* words beside"}
            tasks.create_task(_post(http, body))
    return times


async def _post(http: aiohttp.ClientSession, body: Mapping[str, str]) -> None:
    async with http.post("/api/messages", json=body) as response:
        response.raise_for_status()


async def _metrics(session: CDPSession) -> dict[str, float]:
    await session.send("HeapProfiler.collectGarbage")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return {each["name"]: each["value"] for each in metrics}


class _Tasks:
    """The tasks of the page's main thread, by a trace."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._events: list[dict[str, Any]] = []
        self._complete = asyncio.Event()
        session.on("Tracing.dataCollected", lambda event: self._events.extend(event["value"]))
        session.on("Tracing.tracingComplete", lambda _: self._complete.set())

    async def start(self) -> None:
        await self._session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": _TRACED})

    async def longest(self) -> float:
        """Return the CPU time of the longest task, in milliseconds."""
        await self._session.send("Tracing.end")
        await self._complete.wait()
        mains = {
            (event["pid"], event["tid"])
            for event in self._events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
        }
        tasks = [event for event in self._events if "tdur" in event and (event["pid"], event["tid"]) in mains]
        return max((event["tdur"] for event in tasks), default=0) / 1e3
