"""What a person wrote outlives the page, the tab and the session, and is sent once, as theirs."""

import asyncio
import re

from playwright.async_api import Page, expect

from tests.web.serving import Server

from .person import AT_ONCE, Person

BACK_WITHIN = 20_000
EDIT = "#scroller form.edit textarea"


async def kept(page: Page, store: str = "outbox") -> list[str]:
    """Return what this browser keeps for the person of the page."""
    texts: list[str] = await page.evaluate(
        """async (store) => (await (await import('/static/web/js/app/storage.js')).all(store))
            .map((each) => each.content ?? each.text)""",
        store,
    )
    return texts


async def is_kept(page: Page, *texts: str, store: str = "outbox", within: float = AT_ONCE) -> None:
    """Return once the browser keeps these texts and no others."""
    async with asyncio.timeout(within / 1000):
        while await kept(page, store) != list(texts):
            await page.wait_for_timeout(50)


async def test_unsent_messages_outlive_reload_tab_and_session(
    alice: Person, bob: Person, together: str, server: Server
) -> None:
    alice.may_lose_connection = bob.may_lose_connection = True
    context, path = alice.page.context, alice.page.url
    await alice.page.evaluate(CLOSE)
    await alice.says("first, before the reload")
    await alice.says("second, before the reload")
    await is_kept(alice.page, "first, before the reload", "second, before the reload")
    await alice.page.add_init_script(NO_CONNECTION)
    await alice.page.reload()
    for text in ("first", "second"):
        await expect(alice.message(text)).to_have_attribute("data-state", "pending")
    await alice.says("third, after it")
    await is_kept(alice.page, "first, before the reload", "second, before the reload", "third, after it")
    # The session ends, and the tab is closed; whoever comes next in this browser sends nothing of it.
    await context.clear_cookies()
    await alice.page.close()
    page = await context.new_page()
    await page.goto(path)
    await page.get_by_label("Your name").fill(f"{alice.name} not")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("Nothing here")).to_be_visible()
    await page.goto(alice.url)
    await page.wait_for_load_state("load")
    assert await kept(page) == []
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    await page.goto(f"{alice.url}/sign-in?next={path.removeprefix(alice.url)}")
    await page.get_by_label("Your name").fill(alice.name)
    await page.get_by_role("button", name="Sign in").click()
    await bob.sees("third, after it")
    assert await bob.texts() == ["first, before the reload", "second, before the reload", "third, after it"]
    await is_kept(page)


async def test_a_page_of_somebody_else_sends_nothing_and_is_loaded_anew(
    alice: Person, bob: Person, together: str
) -> None:
    """Alice's connection is made anew with the cookie of somebody who has signed in in another tab of her browser."""
    alice.may_lose_connection = True
    await alice.page.evaluate(CLOSE)
    await alice.says("Alice's own words")
    await alice.page.locator("#content").fill("Alice's draft")
    await is_kept(alice.page, "Alice's own words")
    await is_kept(alice.page, "Alice's draft", store="texts")
    other = await alice.page.context.new_page()
    await other.goto(f"{alice.url}/sign-in")
    await other.get_by_label("Your name").fill(bob.name)
    await other.get_by_role("button", name="Sign in").click()
    await expect(other.locator(".shell")).to_be_visible()
    await alice.page.evaluate(OPEN)
    await alice.page.wait_for_function("name => document.body.dataset.userName === name", arg=bob.name)
    await alice.page.wait_for_load_state("load")
    await expect(alice.page.locator("#content")).to_have_value("")
    await bob.says("and Bob's")
    await alice.sees("and Bob's")
    assert await bob.texts() == ["and Bob's"]
    # Alice is back.
    await other.goto(f"{alice.url}/sign-in?next={alice.page.url.removeprefix(alice.url)}")
    await other.get_by_label("Your name").fill(alice.name)
    await other.get_by_role("button", name="Sign in").click()
    message = await bob.sees("Alice's own words")
    await expect(message.locator(".author")).to_have_text(alice.name)
    await expect(other.locator("#content")).to_have_value("Alice's draft")


# The import returns the module that the page runs.
_SOCKET = "const { socket } = await import('/static/web/js/app/connection.js');"
IS_READY = "async () => (await import('/static/web/js/app/connection.js')).isReady()"
OPEN = f"async () => {{ {_SOCKET} socket.connect(); }}"
CLOSE = f"async () => {{ {_SOCKET} socket.disconnect(); }}"
NO_CONNECTION = """
WebSocket = class { constructor() { throw new Error('no connection'); } };
XMLHttpRequest.prototype.send = () => {};
"""
