"""A form that failed comes back, and its retry is the same message."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from bench.chaos.proxy import TcpProxy, proxy_to
from tests.web.serving import Server

from .person import Person

SCRIPT = "**/web/js/app/main.js"


@pytest.fixture
async def line() -> AsyncIterator[TcpProxy]:
    async with proxy_to(os.environ["MONGODB_URI"]) as line:
        yield line


@pytest.fixture
async def server(line: TcpProxy, tmp_path: Path) -> AsyncIterator[Server]:
    """A server that reaches MongoDB by `line`. It starts on a thread, because the line needs this event loop."""
    server = Server(tmp_path / "server.log", MONGODB_URI=line.url)
    await asyncio.to_thread(server.manage, "create_tables")
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


async def _abort(route: Route) -> None:
    await route.abort()


async def test_the_script_leaves_a_retry_to_the_browser(alice: Person, line: TcpProxy, picture: Path) -> None:
    """The script would send it under a new clientId, though it may have been stored."""
    await alice.makes_group("Harbour")
    alice.may_lose_connection = True
    page, box, file = alice.page, alice.page.locator("#content"), alice.page.locator("#foot input[type=file]")
    name = page.locator("#foot [name=clientId]")
    await page.route(SCRIPT, _abort)
    await page.reload()
    client_id = await name.input_value()
    await page.unroute(SCRIPT)
    await file.set_input_files(picture)
    await box.fill("\nafter an empty line")
    line.cut()
    await page.get_by_role("button", name="Send").first.click()
    await expect(page.get_by_role("alert")).to_contain_text("Your text is still below")
    await page.wait_for_load_state("load")
    assert (await box.input_value(), await name.input_value()) == ("\nafter an empty line", client_id)
    await expect(page.get_by_text("Attach your files again")).to_be_visible()
    line.restore()
    await file.set_input_files(picture)
    await box.press("Enter")
    await expect((await alice.sees("after an empty line")).locator("img")).to_have_count(1)
    group_id = await page.locator("#conversation").get_attribute("data-group-id")
    response = await page.request.get(f"{alice.url}/api/messages?groupId={group_id}")
    assert [message["clientId"] for message in (await response.json())["messages"]] == [client_id]
