"""A thread is read from its first unread reply on, as a group is; what is said in it may go to the group too."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from .person import A_BURST, Person, holds

# Sends replies in order, 25 at a time; returns once they are stored.
_REPLY_LINES = """async ([groupId, parentId, count]) => {
    const { request } = await import('/static/web/js/app/connection.js');
    const line = (n) => request('message', { groupId, parentId, content: `reply ${String(n).padStart(3, '0')}` });
    for (let n = 0; n < count; n += 25)
        await Promise.all(Array.from({ length: Math.min(25, count - n) }, (_, index) => line(n + index)));
}"""
# Has the next client id that this page makes name another message of the group too.
_TAKE_NAME = """async (groupId) => {
    const { request } = await import('/static/web/js/app/connection.js');
    const next = new Uint8Array(16).fill(7);
    const name = Array.from(next, (byte) => byte.toString(16).padStart(2, '0')).join('');
    await request('message', { groupId, content: 'something else', clientId: `${name}.group` });
    const make = crypto.getRandomValues.bind(crypto);
    crypto.getRandomValues = (bytes) => ((crypto.getRandomValues = make), bytes.set(next), bytes);
}"""
_UNREAD = """async ([parentId, unread]) => {
    const { threads } = await (await fetch('/api/threads')).json();
    return threads.find(({ root }) => root.id === parentId)?.unread === unread;
}"""
_LAST_SEEN = """async () => {
    const { lastSeen } = await import('/static/web/js/conversation/scrolling.js');
    return lastSeen(document.querySelector('#panel .log')).textContent;
}"""


async def id_of(person: Person, text: str) -> str:
    return await (await person.sees(text)).get_attribute("data-message-id") or ""


async def replies(person: Person, parent_id: str, count: int) -> None:
    group_id = await person.page.locator("#conversation").get_attribute("data-group-id")
    await person.page.evaluate(_REPLY_LINES, [group_id, parent_id, count])


async def has_unread(page: Page, parent_id: str, unread: int) -> None:
    await holds(page, _UNREAD, [parent_id, unread])


async def _has_a_thread(alice: Person, bob: Person, count: int) -> str:
    """Have Bob write in a thread, which he has read, and then Alice so many replies; return the id of its root."""
    await alice.says("who is there?")
    parent_id = await id_of(alice, "who is there?")
    await bob.sees("who is there?")
    await bob.does("thread", "who is there?")
    await bob.replies("read before")
    await bob.sees("read before", "#panel")
    await bob.makes_group("Elsewhere")
    await replies(alice, parent_id, count)
    await has_unread(bob.page, parent_id, count)
    return parent_id


@pytest.mark.timeout(240)
async def test_a_thread_opens_at_its_first_unread_reply(alice: Person, bob: Person, together: str) -> None:
    parent_id = await _has_a_thread(alice, bob, 60)
    page = bob.page
    await bob.opens(together)
    await bob.does("thread", "who is there?")
    line = page.locator("#panel .unread-line")
    await expect(line).to_have_text("New 60 unread")
    await expect(page.locator("#panel .unread-line + .message .content")).to_have_text("reply 000")
    await expect(line).to_be_in_viewport()
    await expect(bob.message("read before", "#panel")).to_be_in_viewport()
    # What was seen is read, and nothing else.
    seen = int(re.findall(r"reply (\d+)", await page.evaluate(_LAST_SEEN))[0]) + 1
    assert seen < 60
    await has_unread(page, parent_id, 60 - seen)
    # What arrives meanwhile goes to the end, and moves nothing.
    await replies(alice, parent_id, 1)
    await has_unread(page, parent_id, 61 - seen)
    await expect(bob.message("reply 000", "#panel").first).to_be_in_viewport()
    await page.locator("#panel .jump").click()
    await expect(page.locator("#panel .jump")).to_be_hidden()
    await has_unread(page, parent_id, 0)


@pytest.mark.timeout(240)
async def test_a_thread_with_very_many_unread_replies_is_read_in_parts(
    alice: Person, bob: Person, together: str
) -> None:
    parent_id = await _has_a_thread(alice, bob, 230)
    page = bob.page
    await bob.opens(together)
    await bob.does("thread", "who is there?")
    await expect(page.locator("#panel .unread-line + .message .content")).to_have_text("reply 000")
    await expect(bob.message("reply 099", "#panel")).to_have_count(0)
    await expect(page.locator("#panel .jump")).to_be_visible()
    await bob.message("reply 000", "#panel").hover()
    await page.mouse.wheel(0, 100_000)
    shown = await page.locator("#panel .log > .message").count()
    # The first of them was read.
    await has_unread(page, parent_id, 230 - (shown - 1))
    await page.get_by_role("link", name="Show newer replies").click()
    following = bob.message(f"reply {shown - 1:03}", "#panel")
    await expect(following).to_be_in_viewport(timeout=A_BURST)
    # Far behind, one may go to the end: all of it is read then.
    await page.locator("#panel .jump").click()
    await expect(bob.message("reply 229", "#panel")).to_be_in_viewport()
    await has_unread(page, parent_id, 0)
    # Where one writes, what one has written is shown.
    await page.get_by_role("link", name="Show older replies").click()
    await expect(bob.message("reply 229", "#panel")).to_have_count(0)
    await bob.replies("at last")
    await expect(await bob.sees("at last", "#panel")).to_be_in_viewport()


async def test_a_reply_that_nobody_saw_come_is_below_the_line(alice: Person, bob: Person, together: str) -> None:
    parent_id = await _has_a_thread(alice, bob, 1)
    await bob.opens(together)
    await bob.does("thread", "who is there?")
    await has_unread(bob.page, parent_id, 0)
    await bob.does("mark-unread", "reply 000", "#panel")
    await expect(bob.page.locator("#panel .unread-line + .message .content")).to_have_text("reply 000")
    await has_unread(bob.page, parent_id, 1)


async def test_the_root_of_a_thread_leads_to_where_it_was_said(alice: Person, bob: Person, together: str) -> None:
    await alice.says("what it was about")
    await alice.says("who is there?")
    await bob.sees("who is there?")
    await bob.does("thread", "who is there?")
    await bob.page.locator("#panel").get_by_role("link", name="Show in the conversation").click()
    await expect(bob.page.locator("#scroller .found .content")).to_have_text("who is there?")
    await expect(bob.message("what it was about")).to_be_in_viewport()


def _also(person: Person) -> Locator:
    return person.page.get_by_label("Also to the group")


async def test_a_reply_goes_to_the_group_too_if_one_wants(alice: Person, bob: Person, together: str) -> None:
    await alice.says("who is there?")
    await bob.sees("who is there?")
    await bob.does("thread", "who is there?")
    await _also(bob).check()
    await bob.replies("me, **for all** to see")
    await bob.sees("for all", "#panel")
    # The next one is for the thread alone.
    await expect(_also(bob)).not_to_be_checked()
    await bob.replies("and this is not")
    await bob.sees("and this is not", "#panel")
    quote = await alice.sees("for all")
    await expect(quote.locator("blockquote strong")).to_have_text("for all")
    await expect(alice.message("and this is not")).to_have_count(0)
    # It leads to where it was said.
    await quote.locator(".content a").first.click()
    await expect(alice.page.locator("#panel .found")).to_contain_text("for all")


async def test_both_wait_for_the_connection_and_a_reload(alice: Person, bob: Person, together: str) -> None:
    await alice.says("who is there?")
    await bob.sees("who is there?")
    await bob.does("thread", "who is there?")
    bob.may_lose_connection = True
    await bob.page.context.set_offline(True)
    await _also(bob).check()
    await bob.replies("written offline")
    await expect(bob.message("written offline", "#panel")).to_have_attribute("data-state", "pending")
    await bob.page.context.set_offline(False)
    await bob.sees("written offline", "#panel")
    await bob.sees("written offline")
    await bob.page.reload()
    await expect(bob.message("written offline", "#panel")).to_have_count(1)
    await expect(alice.message("written offline")).to_have_count(1)


async def test_who_cannot_tell_the_group_is_told_and_the_reply_stays(alice: Person, bob: Person, together: str) -> None:
    await alice.says("who is there?")
    await bob.sees("who is there?")
    await bob.does("thread", "who is there?")
    group_id = await bob.page.locator("#conversation").get_attribute("data-group-id")
    # Another tab of an older day has taken the name that the group's part would have.
    await bob.page.evaluate(_TAKE_NAME, group_id)
    await _also(bob).check()
    await bob.replies("here I am")
    await bob.sees("here I am", "#panel")
    await expect(bob.page.locator(".notice", has_text="Your reply is in the thread.")).to_have_count(1)
    failed = bob.page.locator("#scroller .message[data-state=failed]")
    await expect(failed).to_have_count(1)
    await failed.get_by_role("button", name="Discard").click()
    await expect(failed).to_have_count(0)
