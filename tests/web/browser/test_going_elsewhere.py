"""The user opens another page while a request is in flight: its result goes where it belongs, or nowhere."""

import asyncio
import re
from pathlib import Path

from playwright.async_api import Route, expect

from .person import AT_ONCE, Person


async def test_older_messages_never_come_into_another_conversation(alice: Person) -> None:
    one = await alice.makes_group("One")
    await alice.page.evaluate(SAY_LINES, [one, 60])
    await alice.makes_group("Two")
    await alice.says("of two")
    await alice.sees("of two")
    pages = HeldRequests()
    await alice.page.route(re.compile(r"\?before="), pages.hold)
    await alice.opens("One")
    older = await alice.page.locator("#older").element_handle()
    await _scrolls_up(alice)
    await pages.received()
    await alice.opens("Two")
    pages.release()
    await alice.page.wait_for_function("older => !('loading' in older.dataset)", arg=older)
    assert await alice.texts() == ["of two"]
    await expect(alice.page.locator("#older")).to_have_text("This is where Two begins.")
    # They can still be loaded where they belong.
    await alice.opens("One")
    await _scrolls_up(alice)
    await expect(alice.message("line 00")).to_have_count(1)
    assert await alice.texts() == [f"line {n:02}" for n in range(60)]


async def test_older_messages_are_received_once_however_often_a_panel_was_opened(alice: Person) -> None:
    one = await alice.makes_group("One")
    await alice.page.evaluate(SAY_LINES, [one, 60])
    await alice.page.reload()
    pages = HeldRequests()
    await alice.page.route(re.compile(r"\?before="), pages.hold)
    for _ in range(2):
        await alice.page.get_by_role("link", name="Close").click()
        await expect(alice.page.locator("#panel")).to_be_hidden()
        await alice.page.get_by_role("link", name="Members and details").click()
        await expect(alice.page.get_by_role("heading", name="Members")).to_be_visible()
    await _scrolls_up(alice)
    pages.release()
    await alice.sees("line 00")
    assert pages.count == 1


async def test_a_group_opened_while_the_connection_is_made_lacks_nothing(alice: Person, bob: Person) -> None:
    await alice.makes_group("One")
    await alice.makes_group("Two")
    await alice.adds(bob)
    await bob.opens("Two")
    await alice.opens("One")
    # The handshake names group One and its position, and does not name Two.
    await alice.page.evaluate(CONNECT_SLOWLY)
    await alice.opens("Two")
    await bob.says("meanwhile")
    await bob.sees("meanwhile")
    await alice.page.evaluate("() => window.release()")
    await alice.sees("meanwhile")


async def test_files_for_a_reply_stay_when_the_page_is_fetched_again(alice: Person, picture: Path) -> None:
    await alice.makes_group("Files")
    await alice.says("first")
    await alice.sees("first")
    await alice.does("thread", "first")
    await alice.page.locator("#panel [data-composer] input[type=file]").set_input_files(picture)
    await expect(alice.page.locator("#panel .upload[data-state=done]")).to_have_count(1)
    await alice.page.evaluate(REFRESH)
    await expect(alice.page.locator("#panel .upload[data-state=done]")).to_have_count(1)
    await alice.replies("with a dot")
    reply = await alice.sees("with a dot", within="#panel .log")
    await expect(reply.locator("img")).to_have_js_property("naturalWidth", 1)
    await expect(alice.page.locator("#panel .upload")).to_have_count(0)


async def test_unfinished_uploads_stay_with_their_group(alice: Person, picture: Path) -> None:
    await alice.makes_group("One")
    await alice.makes_group("Two")
    uploads = HeldRequests()
    await alice.page.route("**/api/upload", uploads.hold)
    await alice.page.locator("#foot input[type=file]").set_input_files(picture)
    await uploads.received()
    upload = await alice.page.locator("#foot .upload").element_handle()
    await alice.opens("One")
    await expect(alice.page.locator("#foot .upload")).to_have_count(0)
    await alice.opens("Two")
    await expect(alice.page.locator("#foot .upload[data-state=busy]")).to_have_count(1)
    # It is sent when the upload has finished, whatever page is open by then.
    await alice.page.locator("#content").fill("with a dot")
    await alice.page.locator("#content").press("Enter")
    await expect(alice.page.locator("#notices")).to_contain_text("as soon as its files have arrived")
    await alice.opens("One")
    uploads.release()
    await alice.page.wait_for_function("upload => upload.dataset.state === 'done'", arg=upload)
    await alice.opens("Two")
    message = await alice.sees("with a dot")
    await expect(message.locator("img")).to_have_js_property("naturalWidth", 1)
    await expect(alice.page.locator("#foot .upload")).to_have_count(0)
    await expect(alice.page.locator("#content")).to_have_value("")


async def test_a_page_that_was_left_does_not_come_back(alice: Person, bob: Person, together: str) -> None:
    """The inbox is fetched anew, since something came, while the user goes from it to a group."""
    page = alice.page
    await page.locator("#sidebar .places a", has_text="Inbox").click()
    await expect(alice.title).to_have_text("Inbox")
    visit, inbox = HeldRequests(), HeldRequests()
    await page.route("**/groups/**", visit.hold)
    await page.route("**/inbox", inbox.hold)
    await alice.row(together).locator("a").click()
    await visit.received()
    refreshed = asyncio.create_task(page.evaluate(REFRESH))
    await inbox.received()
    visit.release()
    await expect(alice.title).to_have_text(together)
    inbox.release()
    await refreshed
    await expect(alice.title).to_have_text(together)
    await alice.says("still here")
    await bob.sees("still here")


async def _scrolls_up(person: Person) -> None:
    await person.page.locator("#scroller").evaluate("box => box.scrollTop = -box.scrollHeight")


class HeldRequests:
    """Requests that do not reach the server until they are released."""

    def __init__(self) -> None:
        self.count = 0
        self._received, self._may_go = asyncio.Event(), asyncio.Event()

    async def hold(self, route: Route) -> None:
        self.count += 1
        self._received.set()
        await self._may_go.wait()
        await route.continue_()

    async def received(self) -> None:
        async with asyncio.timeout(AT_ONCE / 1000):
            await self._received.wait()

    def release(self) -> None:
        self._may_go.set()


REFRESH = "async () => { await (await import('/static/web/js/app/router.js')).refresh(); }"
SAY_LINES = """async ([groupId, count]) => {
    const { request } = await import('/static/web/js/app/connection.js');
    for (let n = 0; n < count; n++)
        await request('message', { groupId, content: `line ${String(n).padStart(2, '0')}` });
}"""
# Returns once the page has built its handshake, which is sent when `release` is called.
CONNECT_SLOWLY = """async () => {
    const { socket } = await import('/static/web/js/app/connection.js');
    const [auth, mayGo] = [socket.auth, new Promise((done) => (window.release = done))];
    await new Promise((said) => {
        socket.auth = (send) => auth((data) => (said(), mayGo.then(() => send(data))));
        socket.disconnect().connect();
    });
}"""
