"""The examples of docs/sockets.md, as they stand there, lose nothing over a reconnect: in Node and in a browser."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from groups import services as groups
from messaging import services as messages
from tests.cast import person
from tests.realtime.node import JS, Script, script
from tests.serving import Server, serving

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = re.findall(r"^```js\n(.*?)^```$", (ROOT / "docs" / "sockets.md").read_text(), re.MULTILINE | re.DOTALL)
Recorded = tuple[str, Any]


@pytest.fixture(scope="module")
async def chat() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


class Running(ABC):
    """An example that runs somewhere, and what it has done so far."""

    def __init__(self) -> None:
        self.recorded: list[Recorded] = []
        self.arrived = asyncio.Event()

    def record(self, what: str, value: Any) -> None:
        self.recorded.append((what, value))
        self.arrived.set()

    @abstractmethod
    async def tell(self, what: str) -> None:
        """Have it lose its connection (`cut`), or get the token for its next one (`release`)."""

    async def wait_for(self, true: Callable[[list[Recorded]], bool]) -> None:
        async with asyncio.timeout(30):
            while not true(self.recorded):
                self.arrived.clear()
                await self.arrived.wait()

    def contents(self) -> list[str]:
        changes = [value["data"] for what, value in self.recorded if what == "apply"]
        return [data["content"] for data in changes if "content" in data]


class InNode(Running):
    def __init__(self, process: Script) -> None:
        super().__init__()
        self._process = process

    async def tell(self, what: str) -> None:
        await self._process.write(what)

    async def listen(self) -> None:
        while True:
            self.record(*await self._process.read())


class InBrowser(Running):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    async def tell(self, what: str) -> None:
        await self._page.evaluate("(what) => window.running[what]()", what)


@asynccontextmanager
async def in_node(code: str, url: str, token: str, folder: Path) -> AsyncIterator[Running]:
    example = folder / "example.txt"
    example.write_text(code)
    async with script("example.mjs", str(example), url, token) as process:
        running = InNode(process)
        listening = asyncio.create_task(running.listen())
        try:
            yield running
        finally:
            listening.cancel()
            await asyncio.wait({listening})


@asynccontextmanager
async def in_browser(browser: Browser, code: str, url: str, token: str) -> AsyncIterator[Running]:
    # On a page of the server: a browser lets no page from elsewhere connect to this machine.
    context = await browser.new_context(bypass_csp=True)
    page = await context.new_page()
    running = InBrowser(page)
    await page.expose_function("record", running.record)
    await page.goto(f"{url}/sign-in")
    await page.add_script_tag(url="/static/socket.io/socket.io.min.js")
    await page.add_script_tag(path=JS / "example.js")
    start = "([code, url, token]) => { window.running = runExample(code, url, token, { io, WebSocket }, record); }"
    await page.evaluate(start, [code, url, token])
    yield running
    await context.close()


def test_the_page_has_an_example_for_each_endpoint() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize("where", ["node", "browser"])
@pytest.mark.parametrize("number", [0, 1], ids=["Socket.IO", "plain JSON"])
async def test_an_example_loses_nothing(
    chat: Server, browser: Browser, tmp_path: Path, *, number: int, where: str
) -> None:
    alice, bob = await person("Alice"), await person("Bob")
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    code = EXAMPLES[number]
    place = (
        in_node(code, chat.url, bob.token, tmp_path)
        if where == "node"
        else in_browser(browser, code, chat.url, bob.token)
    )
    async with place as running:
        await running.wait_for(lambda recorded: ("reload", group.id) in recorded)
        await messages.send_message(actor=alice.actor, group_id=group.id, content="one")
        await running.wait_for(lambda recorded: running.contents() == ["one"])
        await running.tell("cut")
        # It asks for a token at each connect; it does not get one before this has been said.
        await running.wait_for(lambda recorded: ("token", 2) in recorded)
        await messages.send_message(actor=alice.actor, group_id=group.id, content="two")
        await running.tell("release")
        await running.wait_for(lambda recorded: "two" in running.contents())
        await messages.send_message(actor=alice.actor, group_id=group.id, content="three")
        await running.wait_for(lambda recorded: "three" in running.contents())
        assert running.contents() == ["one", "two", "three"]
        assert running.recorded.count(("reload", group.id)) == 1
