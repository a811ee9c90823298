"""The chat by keyboard alone, and by ear: one stop for the log, nothing said twice, the focus never lost."""

import pytest
from playwright.async_api import Page, expect

from .person import Person
from .tour import call

# Whatever a screen reader would say of its own accord, by whichever live region.
_LISTEN = """() => {
    window.heard = [];
    const live = "[aria-live=polite], [aria-live=assertive], [role=status], [role=alert],"
        + "[role=log]:not([aria-live=off])";
    new MutationObserver((records) => {
        for (const { target, addedNodes } of records) {
            const region = (target.closest ? target : target.parentElement)?.closest(live);
            if (region?.checkVisibility()) addedNodes.forEach((node) => window.heard.push(node.textContent));
        }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


async def is_at(page: Page, selector: str) -> None:
    """Return once the focus is on the element of this selector."""
    await expect(page.locator(f"{selector}:focus")).to_have_count(1)


async def is_somewhere(page: Page) -> None:
    assert await page.evaluate("document.activeElement !== document.body && document.activeElement !== null")


async def is_at_message(person: Person, text: str, within: str = "#scroller") -> None:
    focused = person.page.locator(f"{within} .message:focus")
    await expect(focused).to_have_count(1)
    await expect(focused).to_contain_text(text)


@pytest.fixture
async def talking(alice: Person, bob: Person, together: str) -> Person:
    """Alice, in a group with five messages, of which the last is hers."""
    await alice.page.goto(alice.page.url.removesuffix("/members"))
    await alice.page.wait_for_load_state("load")
    for number in range(4):
        await bob.says(f"words {number}")
        await alice.sees(f"words {number}")
    await alice.says("words of mine")
    await alice.sees("words of mine")
    return alice


async def test_the_log_is_one_stop_of_the_tab_key(talking: Person) -> None:
    page = talking.page
    await page.get_by_role("link", name="Members and details").focus()
    await page.keyboard.press("Tab")
    await is_at_message(talking, "words of mine")
    await page.keyboard.press("Tab")
    await is_at(page, "#foot [type=file]")
    await page.keyboard.press("Shift+Tab")
    await is_at_message(talking, "words of mine")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Shift+Tab")
    await is_at(page, "#head a[title='Members and details']")
    # It comes back to where it was.
    await page.keyboard.press("Tab")
    await is_at_message(talking, "words 3")


async def test_arrows_go_from_message_to_message(talking: Person) -> None:
    page = talking.page
    await talking.message("words of mine").focus()
    for key, text in (
        ("ArrowUp", "words 3"),
        ("ArrowUp", "words 2"),
        ("ArrowDown", "words 3"),
        ("Home", "words 0"),
        ("ArrowUp", "words 0"),
        ("End", "words of mine"),
        ("ArrowDown", "words of mine"),
    ):
        await page.keyboard.press(key)
        await is_at_message(talking, text)
    await page.keyboard.press("Escape")
    await is_at(page, "#content")


async def test_a_message_has_a_name_where_it_has_the_focus(talking: Person, bob: Person) -> None:
    await talking.message("words of mine").focus()
    await talking.page.keyboard.press("ArrowUp")
    focused = talking.page.locator(".message:focus")
    await expect(focused).to_have_accessible_name(f"{bob.name}: words 3")
    await talking.page.keyboard.press("ArrowUp")
    assert await talking.page.locator("#scroller .message[aria-label]").count() == 1


async def test_enter_leads_to_what_can_be_done(talking: Person) -> None:
    page = talking.page
    await talking.message("words 3").focus()
    await page.keyboard.press("Enter")
    await is_at(page, ".actions *")
    await page.keyboard.press("End")
    await is_at(page, ".actions summary")
    await page.keyboard.press("ArrowLeft")
    await is_at(page, ".actions .icon-button:not(summary)")
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        await page.keyboard.press(key)
    await is_at(page, ".actions summary")
    await page.keyboard.press("Enter")
    await is_at(page, ".menu *")
    await page.keyboard.press("End")
    await is_at(page, ".menu [data-field=why]")
    await page.keyboard.press("ArrowDown")
    await is_at(page, ".menu *:not([data-field=why])")
    # The innermost is closed first.
    await page.keyboard.press("Escape")
    await is_at(page, ".actions summary")
    await expect(page.locator("details.more[open]")).to_have_count(0)
    await page.keyboard.press("Escape")
    await is_at_message(talking, "words 3")
    await page.keyboard.press("Escape")
    await is_at(page, "#content")


async def test_a_thread_is_opened_written_in_and_left(talking: Person) -> None:
    page = talking.page
    await talking.message("words 3").focus()
    await page.keyboard.press("Enter")
    thread = page.locator(".message:focus-within > .actions [data-field=thread]")
    while not await thread.evaluate("element => element === document.activeElement"):
        await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await is_at(page, "#panel textarea")
    await page.keyboard.type("a reply")
    await page.keyboard.press("Enter")
    await talking.sees("a reply", "#panel .log")
    await is_at(page, "#panel textarea")
    await talking.message("a reply", "#panel .log").focus()
    await page.keyboard.press("ArrowUp")
    await is_at_message(talking, "words 3", "#panel")
    await page.keyboard.press("Escape")
    await is_at(page, "#panel textarea")
    await page.keyboard.press("Escape")
    await expect(page.locator("#panel")).to_be_hidden()
    await is_at_message(talking, "words 3")


async def test_the_focus_goes_where_a_visit_leads(talking: Person) -> None:
    page = talking.page
    await page.get_by_role("link", name="Members and details").focus()
    await page.keyboard.press("Enter")
    await is_at(page, "#panel h2")
    await page.keyboard.press("Escape")
    await is_at(page, "#head a[title='Members and details']")
    await page.locator("#sidebar .places a", has_text="Inbox").focus()
    await page.keyboard.press("Enter")
    await is_at(page, "#head h1")
    await page.locator("#sidebar .group a").first.focus()
    await page.keyboard.press("Enter")
    await is_at(page, "#content")


async def test_the_focus_is_not_lost_with_what_had_it(talking: Person, bob: Person) -> None:
    page = talking.page
    await talking.message("words of mine").focus()
    await page.keyboard.press("Enter")
    await page.locator(".message:focus-within .actions [data-action=edit]").focus()
    await page.keyboard.press("Enter")
    await is_at(page, "form.edit textarea")
    await page.keyboard.press("Escape")
    await is_at_message(talking, "words of mine")
    # Somebody else takes away what it is on.
    await bob.says("gone soon")
    message = await talking.sees("gone soon")
    await message.focus()
    await page.keyboard.press("Enter")
    await is_at(page, ".actions *")
    gone = await message.get_attribute("data-message-id")
    await call(bob.page, "DELETE", f"/api/messages/{gone}")
    await is_at_message(talking, "This message was deleted.")


async def test_a_question_holds_the_focus(talking: Person, bob: Person) -> None:
    page = talking.page
    await page.get_by_role("link", name="Members and details").click()
    remove = page.get_by_role("button", name=f"Remove {bob.name}")
    await remove.focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=f"Remove {bob.name} from the group?")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    for _ in range(4):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('dialog, body').matches('dialog, body')")
    assert not await page.evaluate("Boolean(document.activeElement.closest('.shell'))")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(remove).to_be_focused()
    # The panel that it is about is still open.
    await page.keyboard.press("Escape")
    await expect(page.locator("#panel")).to_be_hidden()


async def test_arrows_give_nothing_away(talking: Person, bob: Person) -> None:
    page = talking.page
    await page.get_by_role("link", name="Members and details").click()
    member = page.locator(".member", has_text=bob.name)
    role = member.locator("summary.role")
    await role.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    await is_at(page, ".member .menu button")
    await page.keyboard.press("ArrowDown")
    await is_at(page, ".member .menu a")
    await page.keyboard.press("Enter")
    await is_at(page, "#panel h2")
    await page.get_by_role("link", name="Cancel").focus()
    await page.keyboard.press("Enter")
    await expect(role).to_have_text(f"Role of {bob.name}: member")
    await role.press("Enter")
    await is_at(page, ".member .menu button")
    await page.keyboard.press("Enter")
    await expect(role).to_have_text(f"Role of {bob.name}: admin")
    await is_somewhere(page)


async def test_links_skip_what_comes_first(talking: Person) -> None:
    page = talking.page
    first = page.locator("a[href], button, input, textarea, [tabindex='0']").first
    await expect(first).to_have_text("Skip to the conversation")
    await first.focus()
    await expect(first).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await is_at(page, "#conversation")
    await page.get_by_role("link", name="Skip to the message box").focus()
    await page.keyboard.press("Enter")
    await is_at(page, "#content")


async def test_what_arrives_is_said_once(talking: Person, bob: Person) -> None:
    page = talking.page
    await page.evaluate(_LISTEN)
    await bob.says("first **line**\nsecond line")
    message = await talking.sees("second line")
    await talking.says("an answer of mine")
    await talking.sees("an answer of mine")
    mine = await talking.message("an answer of mine").get_attribute("data-message-id")
    his = await message.get_attribute("data-message-id")
    await call(bob.page, "POST", f"/api/messages/{mine}/reactions", {"emoji": "🎉", "action": "add"})
    await call(bob.page, "PATCH", f"/api/messages/{his}", {"content": "second line, changed"})
    await talking.sees("second line, changed")
    await expect(talking.message("an answer of mine").locator(".chip")).to_have_count(1)
    assert await page.evaluate("window.heard") == [f"{bob.name}: first line second line"]


async def test_older_pages_are_silent(alice: Person, bob: Person, together: str) -> None:
    group = await alice.page.locator("#conversation").get_attribute("data-group-id")
    for number in range(60):
        await call(bob.page, "POST", "/api/messages", {"groupId": group, "content": f"line {number}"})
    await alice.page.goto(f"{alice.url}/groups/{group}?newest")
    await alice.page.wait_for_load_state("load")
    await alice.page.evaluate(_LISTEN)
    await alice.message("line 59").focus()
    await alice.page.keyboard.press("Home")
    await expect(alice.message("line 0")).to_have_count(1)
    assert await alice.page.evaluate("window.heard") == []
    # The focus stays where it was in the conversation.
    await is_at_message(alice, "line 1")
