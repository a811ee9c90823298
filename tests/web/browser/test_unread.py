"""What is unread, and who was named, is shown in the sidebar; somebody marks messages as unread."""

from playwright.async_api import expect

from .person import Person

# A follower notes whom a message names, usually within a second.
SOON = 20_000


async def test_messages_are_marked_as_unread_until_the_group_is_opened_again(
    alice: Person, bob: Person, together: str
) -> None:
    for text in ("first", "second"):
        await alice.says(text)
    await bob.sees("second")
    await bob.says("aye")
    await alice.says("third")
    await bob.sees("third")
    await bob.has_read_all()
    await bob.does("mark-unread", "second")
    count = bob.row(together).locator(".unread")
    await expect(count).to_have_text("2 unread")
    await expect(bob.page.locator(".unread-line + .message", has_text="second")).to_have_count(1)
    # What comes meanwhile is not read by itself: he has put the group aside.
    await alice.says("fourth")
    await expect(count).to_have_text("3 unread")
    await bob.page.reload()
    await expect(count).to_be_hidden()


async def test_who_is_named_sees_it_in_the_sidebar(alice: Person, bob: Person, together: str) -> None:
    bobs_id = await bob.page.evaluate("document.body.dataset.userId")
    await bob.page.goto(f"{bob.url}/?list")
    row = bob.row(together)
    for text in (f"<@{bobs_id}> look", "nobody", f"<@{bobs_id}> again", "<!all>"):
        await alice.says(text)
    await expect(row.locator(".unread")).to_have_text("4 unread")
    await expect(row.locator("[data-field=all]")).to_be_visible()
    await expect(row.locator("[data-field=mentions]")).to_have_text("@2", timeout=SOON)
    # As the server says when the page is loaded anew.
    await bob.page.reload()
    await expect(row.locator("[data-field=mentions]")).to_have_text("@2")
    await row.locator("a").click()
    for field in ("unread", "mentions", "all"):
        await expect(row.locator(f"[data-field={field}]")).to_be_hidden()


_COUNT = """
async ([groupId, version, head, read, upTo]) => {
  const unread = await import('/static/web/js/app/unread.js');
  unread.learn(groupId, { version, head, read, unread: 0, all: 0, mentions: [] });
  for (let seq = head + 1; seq <= upTo; seq += 1) {
    unread.add('message', { groupId, seq, userId: 'somebody', namesAll: true });
  }
}
"""


async def test_what_a_mark_beyond_the_head_has_passed_is_not_counted(alice: Person, bob: Person, together: str) -> None:
    group_id = await alice.page.locator("#conversation").get_attribute("data-group-id")
    # Then the socket is ready.
    await alice.says("ahoy")
    await bob.sees("ahoy")
    count = alice.row(together).locator(".unread")
    # Far beyond what the group has: nothing else that is told of it counts.
    await alice.page.evaluate(_COUNT, [group_id, 9, 100, 105, 106])
    await expect(count).to_have_text("1 unread")
