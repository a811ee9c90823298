"""What is being written - in the box, in the form of an edit, with files - stays as long as its author wants it."""

import asyncio
from pathlib import Path

from playwright.async_api import Route, expect

from .person import Person, holds
from .test_nothing_lost import CLOSE, EDIT, IS_READY, OPEN, is_kept

MESSAGES = "#scroller .message .content"


async def test_an_edit_outlives_visits_the_page_other_edits_and_the_message(
    alice: Person, bob: Person, together: str
) -> None:
    page, box = alice.page, alice.page.locator(EDIT)
    await alice.says("first wording")
    await alice.sees("first wording")
    await alice.does("edit", "first wording")
    await box.fill("a better wording")
    # A visit elsewhere, and the page anew, without a connection.
    await alice.makes_group("Elsewhere")
    await alice.opens(together)
    await expect(box).to_have_value("a better wording")
    await is_kept(page, "a better wording", store="texts")
    await page.reload()
    await expect(box).to_have_value("a better wording")
    await holds(page, IS_READY)
    # Another device of hers changes the message: she sees what it says now, and keeps hers.
    await page.evaluate(CHANGE, "changed elsewhere")
    await bob.sees("changed elsewhere")
    await expect(page.locator("#scroller form.edit [data-field=changed]")).to_be_visible()
    await expect(page.locator(MESSAGES)).to_have_text("changed elsewhere")
    await expect(box).to_have_value("a better wording")
    await box.press("Enter")
    await bob.sees("a better wording")
    await expect(box).to_have_count(0)
    await is_kept(page, store="texts")
    # The message is deleted: what was typed becomes a draft.
    await alice.does("edit", "a better wording")
    await box.fill("the best wording")
    await page.evaluate(DELETE)
    await expect(page.locator(".leftover")).to_contain_text("the best wording")
    await expect(box).to_have_count(0)
    await page.reload()
    await page.get_by_role("button", name="Put it into the message box").click()
    await expect(page.locator("#content")).to_have_value("the best wording")
    await expect(page.locator(".leftover")).to_have_count(0)
    await page.locator("#content").press("Enter")
    await bob.sees("the best wording")


async def test_drafts_outlive_the_page_without_a_connection(alice: Person, bob: Person, together: str) -> None:
    alice.may_lose_connection = True
    await alice.page.evaluate(CLOSE)
    await alice.page.route("**/api/drafts*", _abort)
    await alice.page.locator("#content").fill("typed without a connection")
    await is_kept(alice.page, "typed without a connection", store="texts")
    await alice.page.reload()
    await expect(alice.page.locator("#content")).to_have_value("typed without a connection")
    await alice.page.unroute("**/api/drafts*")
    await alice.page.evaluate(CLOSE)
    await alice.page.evaluate(OPEN)
    # Once the server has it, this browser need not keep it.
    await is_kept(alice.page, store="texts")
    await alice.page.locator("#content").press("Enter")
    await bob.sees("typed without a connection")
    await expect(alice.page.locator("#content")).to_have_value("")


async def test_the_text_waits_for_its_files(
    alice: Person, bob: Person, together: str, picture: Path, tmp_path: Path
) -> None:
    # Long: one story, of which each step begins where the one before has ended.
    alice.may_lose_connection = True
    page, box = alice.page, alice.page.locator("#content")
    uploads = page.locator("#foot .upload")
    other = tmp_path / "other.txt"
    other.write_text("other")
    await page.route("**/api/upload", _abort)
    await page.locator("#foot input[type=file]").set_input_files([picture, other])
    await expect(page.locator("#foot .upload[data-state=failed]")).to_have_count(2)
    await expect(uploads.first).to_contain_text("The connection broke.")
    await alice.says("with its files")
    await expect(page.locator(".notice")).to_contain_text("Your text waits")
    await expect(box).to_have_value("with its files")
    # One goes at last; while it does, Enter sends as soon as it has come, but not what is half written.
    may_go = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_go.wait()
        await route.continue_()

    await page.unroute("**/api/upload")
    await page.route("**/api/upload", hold)
    await uploads.first.get_by_role("button", name="Try again").click()
    await expect(uploads.first).to_have_attribute("data-state", "busy")
    await uploads.last.get_by_role("button", name="Remove").click()
    await box.press("Enter")
    await expect(page.locator("#foot [data-field=waits]")).to_be_visible()
    await box.press_sequentially(", and half a sen")
    await expect(page.locator("#foot [data-field=waits]")).to_be_hidden()
    may_go.set()
    await expect(uploads).to_have_attribute("data-state", "done")
    await expect(box).to_have_value("with its files, and half a sen")
    await box.press_sequentially("tence")
    await box.press("Enter")
    await expect((await bob.sees("and half a sentence")).locator("img")).to_have_js_property("naturalWidth", 1)
    # To remove what is on its way sends nothing.
    may_go.clear()
    await page.locator("#foot input[type=file]").set_input_files([picture, other])
    await alice.says("half wri")
    await uploads.first.get_by_role("button", name="Remove").click()
    may_go.set()
    await expect(page.locator("#foot .upload[data-state=done]")).to_have_count(1)
    await expect(box).to_have_value("half wri")
    assert len(await bob.texts()) == 1


async def test_what_is_pasted_and_dropped(alice: Person, bob: Person, together: str) -> None:
    page, uploads = alice.page, alice.page.locator("#foot .upload .file-name")
    # Cells of a table bring a picture of themselves; a file that was copied brings its name.
    assert not await page.evaluate(PASTE, {"text/plain": "1\t2", "text/html": "<table></table>", "file": "image.png"})
    await expect(uploads).to_have_count(0)
    assert await page.evaluate(PASTE, {"text/plain": "plan.png", "file": "plan.png"})
    assert await page.evaluate(PASTE, {"text/html": "<img>", "file": "image.png"})
    await expect(uploads).to_have_text(["plan.png", "image.png"])
    # Dropped beside the box, with or without one, on any page.
    assert await page.evaluate(DROP, "#sidebar")
    await expect(uploads).to_have_count(3)
    await page.goto(f"{alice.url}/profile")
    assert await page.evaluate(DROP, "h1")
    await page.goto(f"{alice.url}/inbox")
    assert await page.evaluate(DROP, "h1")


async def test_a_text_that_is_too_long_or_was_refused_can_be_corrected(
    alice: Person, bob: Person, together: str
) -> None:
    page, box, room = alice.page, alice.page.locator("#content"), alice.page.locator("#foot [data-field=room]")
    await box.fill("x" * 9_499)
    await expect(room).to_be_hidden()
    await box.fill("\N{PARTY POPPER}" * 9_990 + "x")
    await expect(room).to_have_text("9 left")
    await box.fill("x" * 9_990 + "\n" * 5 + "x" * 8)
    await expect(room).to_have_text("Too long by 3")
    await box.press("Enter")
    await expect(page.locator(".notice", has_text="too long by 3 characters")).to_be_visible()
    await box.press("Backspace")
    await box.press("Backspace")
    await box.press("Backspace")
    await box.press("Enter")
    await bob.sees("xxxxx")
    # Refused by the server, it goes back into the box.
    refused = "a" + "\u0323" * 40
    await alice.says(refused)
    failed = page.locator("#scroller .message[data-state=failed]")
    await failed.get_by_role("button", name="Edit").click()
    await expect(box).to_have_value(refused)
    await expect(failed).to_have_count(0)
    await box.fill("corrected")
    await box.press("Enter")
    await bob.sees("corrected")
    await is_kept(page)


async def test_a_name_that_is_not_clear_leaves_the_conversation_open(alice: Person, bob: Person, together: str) -> None:
    page, name = alice.page, alice.page.locator("#new-direct")
    await alice.page.locator("#content").fill("half a sentence")
    await page.locator("summary", has_text="Direct messages").click()
    part = bob.name[:-1]
    await name.fill(part)
    await name.press("Enter")
    await expect(page.locator("#problem")).to_contain_text("Who do you mean?")
    await expect(alice.title).to_have_text(together)
    await expect(name).to_have_value(part)
    await expect(page.locator("#content")).to_have_value("half a sentence")
    await page.locator("#problem").get_by_role("button", name=bob.name).click()
    await expect(alice.title).to_have_text(bob.name)
    await expect(name).to_have_value("")
    alice.may_lose_connection = True  # the browser reports a 404
    member = page.get_by_label("Name of the person to add")
    await alice.opens(together)
    await page.get_by_role("link", name="Members and details").click()
    await member.fill("Nobody at all")
    await member.press("Enter")
    await expect(page.locator("#problem")).to_contain_text("Nobody here is called")
    await expect(member).to_have_value("Nobody at all")
    await expect(alice.title).to_have_text(together)


async def test_sign_ins_in_another_tab_break_no_form(alice: Person, bob: Person, together: str) -> None:
    """Somebody else has signed in in between: the browser has another CSRF token than the page."""
    page, other = alice.page, await alice.page.context.new_page()
    await page.evaluate(CLOSE)
    for name in (bob.name, alice.name):
        await other.goto(f"{alice.url}/sign-in")
        await other.get_by_label("Your name").fill(name)
        await other.get_by_role("button", name="Sign in").click()
        await expect(other.locator(".shell")).to_be_visible()
    await page.locator("summary", has_text="Groups").click()
    await page.locator("#new-group").fill("After signing in again")
    await page.locator("#new-group").press("Enter")
    await expect(alice.title).to_have_text("After signing in again")
    await page.evaluate(OPEN)
    await alice.says("still here")
    await alice.sees("still here")


async def _abort(route: Route) -> None:
    await route.abort()


_REQUEST = "const { request } = await import('/static/web/js/app/connection.js');"
_MESSAGE = "const { messageId } = document.querySelector('#scroller .message').dataset;"
CHANGE = f"async (content) => {{ {_REQUEST} {_MESSAGE} await request('edit_message', {{ messageId, content }}); }}"
DELETE = f"async () => {{ {_REQUEST} {_MESSAGE} await request('delete_message', {{ messageId }}); }}"
_DATA = """const data = new DataTransfer();
    const add = (name) => data.items.add(new File(['x'], name, { type: 'image/png' }));"""
# Both return whether the page has taken it: the browser does nothing of its own.
PASTE = f"""({{ file, ...texts }}) => {{
    {_DATA}
    add(file);
    for (const [type, text] of Object.entries(texts)) data.setData(type, text);
    const event = new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }});
    return !document.querySelector('#content').dispatchEvent(event);
}}"""
DROP = f"""(target) => {{
    {_DATA}
    add('dropped.png');
    const event = new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }});
    return !document.querySelector(target).dispatchEvent(event);
}}"""
