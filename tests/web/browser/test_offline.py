"""Without a connection: it is shown soon, the last conversations can be read, and they go with the session."""

import asyncio
import re
import time
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.web.serving import Server

from .conftest import Arrives
from .person import AT_ONCE, Person, holds
from .test_nothing_lost import BACK_WITHIN

SOON = 2.0


async def copies(page: Page) -> list[str]:
    """Return the paths of the conversations that this browser keeps."""
    paths: list[str] = await page.evaluate(
        """async () => {
            const names = (await caches.keys()).filter((name) => name.startsWith('pages of '));
            const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
            return keys.flat().map(({ url }) => new URL(url).pathname);
        }"""
    )
    return sorted(paths)


async def has_copies(page: Page, *paths: str) -> None:
    async with asyncio.timeout(AT_ONCE / 1000):
        while await copies(page) != sorted(paths):
            await page.wait_for_timeout(50)


async def has_assets(page: Page) -> None:
    """Return once the worker has all that the page consists of."""
    await holds(
        page,
        """async () => {
            const names = performance.getEntriesByType('resource').map(({ name }) => name.split('#')[0]);
            const needed = names.filter((name) => new URL(name).pathname.startsWith('/static/'));
            const assets = await caches.open('assets');
            return (await Promise.all(needed.map((name) => assets.match(name)))).every(Boolean);
        }""",
    )


@pytest.fixture
async def shaky_server(server: Server) -> AsyncIterator[Server]:
    """The server of all tests, which runs again after the test."""
    yield server
    if not server.is_running:
        await asyncio.to_thread(server.start)


async def test_the_last_conversations_open_without_a_server(
    arrives: Arrives, bob: Person, shaky_server: Server
) -> None:
    server = shaky_server
    alice = await arrives("Alice", service_workers="allow")
    alice.may_lose_connection = bob.may_lose_connection = True
    page, context = alice.page, alice.page.context
    one = f"/groups/{await alice.makes_group('One')}"
    await alice.adds(bob)
    await alice.says("said in one")
    await alice.sees("said in one")
    two = f"/groups/{await alice.makes_group('Two')}"
    await alice.says("said in two")
    await alice.sees("said in two")
    await has_copies(page, one, two)
    for path in (one, two):
        since = await page.evaluate("Date.now()")
        await page.goto(alice.url + path)
        await holds(page, IS_NEW, [path, since])
    await has_assets(page)
    await bob.opens("One")
    server.stop()
    await page.close()
    page = await context.new_page()
    offline = Person(alice.name, page, alice.url)
    await page.goto(alice.url)
    await expect(offline.title).to_have_text("Two")
    await expect(offline.message("said in two")).to_have_count(1)
    await expect(page.locator("#offline")).to_be_visible(timeout=1000 * SOON)
    # From there, and by its address; one writes, and it goes when the server is back.
    await offline.opens("One")
    await expect(offline.message("said in one")).to_have_count(1)
    await page.goto(f"{alice.url}{one}/members")
    await expect(page).to_have_url(alice.url + one)
    await offline.says("written without a server")
    await expect(offline.message("written without")).to_have_attribute("data-state", "pending")
    await asyncio.to_thread(server.start)
    await expect(page.locator("#offline")).to_be_hidden(timeout=BACK_WITHIN)
    await offline.sees("written without a server")
    await bob.sees("written without a server", timeout=BACK_WITHIN)


async def test_copies_go_with_the_group_the_message_and_the_session(arrives: Arrives, bob: Person) -> None:
    alice = await arrives("Alice", service_workers="allow")
    # The browser reports what is refused to who was removed, and signed out.
    alice.may_lose_connection = True
    page = alice.page
    await bob.makes_group("Theirs")
    await bob.adds(alice)
    theirs = f"/groups/{await bob.page.locator('#conversation').get_attribute('data-group-id')}"
    await alice.opens("Theirs")
    own = f"/groups/{await alice.makes_group('Own')}"
    await has_copies(page, theirs, own)
    # A message that is deleted goes from the copy.
    await bob.says("not for long")
    await bob.sees("not for long")
    await page.goto(alice.url + theirs)
    await alice.sees("not for long")
    assert "not for long" in await page.evaluate(COPY, theirs)
    await page.goto(alice.url + own)
    await bob.deletes("not for long")
    await has_copies(page, own)
    # She is removed from the group.
    await page.goto(alice.url + theirs)
    await has_copies(page, theirs, own)
    await bob.page.get_by_role("button", name=f"Remove {alice.name}").click()
    await bob.agrees()
    await has_copies(page, own)
    # She signs out.
    await page.goto(alice.url + own)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    await has_copies(page)


async def test_it_is_shown_soon(alice: Person, bob: Person, together: str) -> None:
    page, banner = alice.page, alice.page.locator("#offline")
    alice.may_lose_connection = True
    silent = asyncio.Event()

    def fall_silent(here: WebSocketRoute) -> None:
        server = here.connect_to_server()
        here.on_message(lambda frame: None if silent.is_set() else server.send(frame))
        server.on_message(lambda frame: None if silent.is_set() else here.send(frame))

    await page.route_web_socket(re.compile("/socket.io/"), fall_silent)
    await page.reload()
    await alice.says("answered")
    await alice.sees("answered")
    # The browser says so.
    await page.context.set_offline(True)
    await expect(banner).to_be_visible(timeout=1000 * SOON)
    await page.context.set_offline(False)
    await expect(banner).to_be_hidden(timeout=BACK_WITHIN)
    # It does not know: nothing comes back any more.
    silent.set()
    sent = time.monotonic()
    await alice.says("unanswered")
    await expect(banner).to_be_visible(timeout=1000 * SOON)
    assert time.monotonic() - sent < SOON + 0.5
    silent.clear()
    await expect(banner).to_be_hidden(timeout=BACK_WITHIN)
    await bob.sees("unanswered", timeout=BACK_WITHIN)
    assert await bob.texts() == ["answered", "unanswered"]


# Whether the copy of a path is of a page that was opened since.
IS_NEW = """async ([path, since]) => {
    const copy = await caches.match(path, { ignoreVary: true });
    return Number(copy.headers.get('X-Opened-At')) >= since;
}"""
COPY = "async (path) => (await caches.match(path, { ignoreVary: true })).text()"
