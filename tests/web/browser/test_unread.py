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
