"""A hundred messages, written in three tabs while the connection comes and goes, arrive once, in the order of each."""

import asyncio

from playwright.async_api import Page, expect

from .person import A_BURST, Person, holds
from .test_nothing_lost import IS_READY, is_kept

TABS = 3
MESSAGES = 100
FLAPS = 10


async def test_a_hundred_messages_of_three_tabs_arrive_once_in_their_order(alice: Person) -> None:
    alice.may_lose_connection = True
    context = alice.page.context
    group_id = await alice.makes_group("Harbour")
    tabs = [alice.page, *[await context.new_page() for _ in range(TABS - 1)]]
    for page in tabs:
        await page.goto(f"{alice.url}/groups/{group_id}")
        await holds(page, IS_READY)
    written: list[list[str]] = [[] for _ in tabs]
    for flap in range(FLAPS):
        await context.set_offline(True)
        await asyncio.gather(*(page.evaluate(BREAK) for page in tabs))
        for number in range(flap * MESSAGES // FLAPS, (flap + 1) * MESSAGES // FLAPS):
            tab = number % TABS
            text = f"tab {tab} number {number}"
            await _write(tabs[tab], text)
            written[tab].append(text)
        if flap == FLAPS // 2:
            # Another tab may send what this one has left, before it is there again.
            await tabs[1].close()
            tabs[1] = await context.new_page()
        await context.set_offline(False)
        if flap == FLAPS // 2:
            await tabs[1].goto(f"{alice.url}/groups/{group_id}")
        # It breaks anew while messages are on their way.
        await tabs[0].wait_for_function(HAS_STORED, arg=min(3 * (flap + 1), MESSAGES), polling=20, timeout=A_BURST)
    await is_kept(tabs[0], within=A_BURST)
    answer = await tabs[0].request.get(f"{alice.url}/api/messages?groupId={group_id}&limit=100")
    stored = [message["content"] for message in (await answer.json())["messages"]]
    assert sorted(stored) == sorted(text for texts in written for text in texts)
    for texts in written:
        assert [text for text in stored if text in texts] == texts
    for page in tabs:
        await expect(page.locator("#scroller .message")).to_have_count(MESSAGES, timeout=A_BURST)
        await expect(page.locator("#scroller .message[data-state]")).to_have_count(0, timeout=A_BURST)


async def _write(page: Page, text: str) -> None:
    await page.locator("#content").fill(text)
    await page.locator("#content").press("Enter")


_SOCKET = "const { socket } = await import('/static/web/js/app/connection.js');"
BREAK = f"async () => {{ {_SOCKET} socket.io.engine?.close(); }}"
HAS_STORED = "(count) => document.querySelectorAll('#scroller .message[data-seq]:not([data-seq=\"\"])').length >= count"
