"""The inbox and the list of followed threads, with what happens live."""

from playwright.async_api import Locator, expect

from .conftest import Arrives
from .person import Person, holds
from .tour import call

NO_THREAD_UNREAD = "async () => (await (await fetch('/api/threads')).json()).unreadThreads === 0"


def badge(person: Person) -> Locator:
    return person.page.locator("#inbox-unread")


async def name(person: Person, other: Person, text: str) -> None:
    """Say something that names the other."""
    user_id = await other.page.locator("body").get_attribute("data-user-id")
    await person.says(f"{text} <@{user_id}>")


async def test_who_is_named_sees_it_in_the_inbox_and_reads_it_there(alice: Person, bob: Person, together: str) -> None:
    await bob.page.goto(f"{bob.url}/?list")
    await name(alice, bob, "look at **this**")
    await expect(badge(bob)).to_have_text("1 unread")
    await bob.page.locator("#sidebar .places a", has_text="Inbox").click()
    item = bob.page.locator(".excerpt-row")
    await expect(item).to_contain_text(f"{alice.name} named you in {together}")
    await expect(item.locator("strong", has_text="this")).to_be_visible()
    # What comes while the page is open.
    await name(alice, bob, "and <b>that</b>")
    await expect(item).to_have_count(2)
    await expect(item.first).to_contain_text("and <b>that</b>")
    await expect(badge(bob)).to_have_text("2 unread")
    await item.first.get_by_role("button", name="Mark as read").click()
    await expect(badge(bob)).to_have_text("1 unread")
    await bob.page.get_by_role("button", name="Mark all as read").click()
    await expect(badge(bob)).to_be_hidden()
    await item.first.get_by_role("link", name=together).click()
    await expect(bob.message("that")).to_be_visible()


async def test_a_thread_is_followed_by_writing_and_not_by_its_button(alice: Person, bob: Person, together: str) -> None:
    await alice.says("who is there?")
    await bob.sees("who is there?")
    await bob.does("thread", "who is there?")
    await expect(bob.page.get_by_role("button", name="Follow", exact=True)).to_be_visible()
    await bob.replies("me")
    await expect(bob.page.get_by_role("button", name="Unfollow")).to_be_visible()
    await expect(badge(alice)).to_have_text("1 unread")
    await bob.page.locator("#sidebar .places a", has_text="Threads").click()
    thread = bob.page.locator(".excerpt-row")
    await expect(thread).to_contain_text("1 reply")
    await thread.get_by_role("link", name="Open the thread").click()
    await bob.page.get_by_role("button", name="Unfollow").click()
    await expect(bob.page.get_by_role("button", name="Follow", exact=True)).to_be_visible()
    await bob.page.locator("#sidebar .places a", has_text="Threads").click()
    await expect(thread).to_contain_text("You follow no thread yet.")


async def test_what_is_read_in_a_thread_is_read_in_the_inbox(alice: Person, bob: Person, together: str) -> None:
    await alice.says("who is there?")
    await bob.sees("who is there?")
    await bob.does("thread", "who is there?")
    await bob.replies("me")
    await expect(badge(alice)).to_have_text("1 unread")
    await alice.does("thread", "who is there?")
    await expect(badge(alice)).to_be_hidden()
    # What comes while it is open is on the screen too.
    await bob.replies("and my dog")
    await alice.sees("and my dog", "#panel")
    await holds(alice.page, NO_THREAD_UNREAD)
    # Until it is opened again, what is marked as unread stays so.
    await alice.does("mark-unread", "and my dog", "#panel")
    await expect(badge(alice)).to_have_text("1 unread")


async def test_the_inbox_shows_mentions_alone(alice: Person, bob: Person, together: str) -> None:
    await bob.says("my words")
    await alice.sees("my words")
    await bob.page.goto(f"{bob.url}/?list")
    await name(alice, bob, "first")
    await name(alice, bob, "second")
    message_id = await (await alice.sees("my words")).get_attribute("data-message-id")
    await call(alice.page, "POST", f"/api/messages/{message_id}/reactions", {"emoji": "🎉", "action": "add"})
    await expect(badge(bob)).to_have_text("3 unread")
    await bob.page.locator("#sidebar .places a", has_text="Inbox").click()
    rows = bob.page.locator(".excerpt-row")
    await expect(rows).to_have_count(3)
    await bob.page.get_by_role("link", name="Mentions", exact=True).click()
    await expect(rows).to_have_count(2)
    await rows.first.get_by_role("button", name="Mark as read").click()
    await expect(badge(bob)).to_have_text("2 unread")
    # The list stays what it was.
    await expect(bob.page.get_by_role("link", name="Mentions", exact=True)).to_have_attribute("aria-current", "page")
    await expect(rows).to_have_count(2)


async def test_what_is_unread_is_read_where_it_is_listed(alice: Person, bob: Person, together: str) -> None:
    await bob.makes_group("Elsewhere")
    await alice.says("one **thing**")
    await alice.says("another thing")
    await bob.page.locator("#sidebar .places").get_by_role("link", name="Unread", exact=True).click()
    places = bob.page.locator(".excerpt-row[data-place-id]")
    await expect(places).to_contain_text([together])
    await expect(places.locator(".content")).to_have_text(["one thing", "another thing"])
    count = bob.row(together).locator("[data-field=unread]")
    await expect(count).to_have_text("2 unread")
    await places.get_by_role("button", name="Mark as read").click()
    await expect(bob.page.locator(".excerpts")).to_contain_text("You have read everything.")
    await expect(count).to_be_hidden()
    await alice.says("a third thing")
    await expect(count).to_have_text("1 unread")
    await bob.page.locator("#sidebar .places").get_by_role("link", name="Unread", exact=True).click()
    await bob.page.get_by_role("link", name="Mark all as read").click()
    await expect(bob.page.locator(".excerpts-question")).to_contain_text("Mark 1 conversation as read")
    await bob.page.get_by_role("link", name="Cancel").click()
    await expect(count).to_have_text("1 unread")
    await bob.page.get_by_role("link", name="Mark all as read").click()
    await bob.page.locator(".excerpts-question").get_by_role("button", name="Mark all as read").click()
    await expect(bob.page.locator(".excerpts")).to_contain_text("You have read everything.")
    await expect(count).to_be_hidden()


async def test_a_phone_shows_the_inbox_alone(arrives: Arrives) -> None:
    person = await arrives("Dora", viewport={"width": 390, "height": 780})
    await person.page.goto(f"{person.url}/?list")
    await person.page.locator("#sidebar .places a", has_text="Inbox").click()
    await expect(person.page.locator("#head h1")).to_have_text("Inbox")
    await expect(person.page.locator("#sidebar")).to_be_hidden()
    assert await person.page.evaluate("document.documentElement.scrollWidth") <= 390
    await person.page.get_by_role("link", name="All conversations").click()
    await expect(person.page.locator("#sidebar")).to_be_visible()
