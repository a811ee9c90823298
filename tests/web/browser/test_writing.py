"""Writing: formatting with its keys, the preview, Enter, and editing one's last message."""

import re

import pytest
from playwright.async_api import expect

from .conftest import Arrives
from .person import Person

BOX = "#content"
_ENTER_OF_A_METHOD = """box => box.dispatchEvent(new KeyboardEvent('keydown', {
    key: 'Enter', isComposing: true, bubbles: true, cancelable: true,
}))"""


async def types(person: Person, text: str) -> None:
    """Type into the empty box, with what helps to write loaded."""
    box = person.page.locator(BOX)
    await box.fill("")
    await box.focus()
    await expect(person.page.locator("body")).to_have_attribute("data-writing", "ready")
    await box.press_sequentially(text)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("Control+b", "say **this**"),
        ("Control+i", "say _this_"),
        ("Control+Shift+X", "say ~~this~~"),
        ("Control+e", "say `this`"),
        ("Control+Shift+E", "say \n```\nthis\n```"),
        ("Control+k", "say [this](https://)"),
        ("Control+Shift+8", "- say this"),
        ("Control+Shift+9", "> say this"),
    ],
)
async def test_a_key_formats_what_is_selected_and_can_be_taken_back(alice: Person, keys: str, text: str) -> None:
    await alice.makes_group("Harbour")
    box = alice.page.locator(BOX)
    await types(alice, "say this")
    await box.press("Control+Shift+ArrowLeft")
    await box.press(keys)
    await expect(box).to_have_value(text)
    await box.press("Control+z")
    await expect(box).to_have_value("say this")


async def test_a_button_formats_and_takes_its_marks_away_again(alice: Person) -> None:
    await alice.makes_group("Harbour")
    box, bold = alice.page.locator(BOX), alice.page.get_by_role("button", name="Bold")
    await types(alice, "first\nsecond".replace("\n", " "))
    await box.press("Control+a")
    await bold.click()
    await expect(box).to_have_value("**first second**")
    await expect(box).to_be_focused()
    await bold.click()
    await expect(box).to_have_value("first second")
    await alice.page.get_by_role("button", name="Quote", exact=True).first.click()
    await expect(box).to_have_value("> first second")


async def test_a_preview_is_made_by_the_server_and_goes_away(alice: Person) -> None:
    await alice.makes_group("Harbour")
    box, button = alice.page.locator(BOX), alice.page.get_by_role("button", name="Preview")
    await types(alice, "**loud** :tada:")
    await button.click()
    preview = alice.page.get_by_role("region", name="Preview")
    await expect(preview.locator("strong")).to_have_text("loud")
    await expect(preview).to_contain_text("🎉")
    await expect(box).to_be_hidden()
    await expect(button).to_have_attribute("aria-pressed", "true")
    await preview.press("Escape")
    await expect(box).to_be_focused()
    await expect(box).to_have_value("**loud** :tada:")
    await expect(alice.page.locator("#scroller .message")).to_have_count(0)
    await button.click()
    await alice.page.locator("#foot .send").click()
    await expect((await alice.sees("loud")).locator(".content strong")).to_have_text("loud")
    await expect(preview).to_have_count(0)


async def test_a_thread_and_an_edit_have_the_same_tools(alice: Person) -> None:
    await alice.makes_group("Harbour")
    await alice.says("a word")
    await alice.sees("a word")
    await alice.does("edit", "a word")
    edit = alice.page.locator("form.edit textarea")
    await edit.press("Control+a")
    await alice.page.locator("form.edit").get_by_role("button", name="Bold").click()
    await expect(edit).to_have_value("**a word**")
    await alice.page.locator("form.edit").get_by_role("button", name="Preview").click()
    await expect(alice.page.locator("form.edit .previewed strong")).to_have_text("a word")
    await alice.page.locator("form.edit .previewed").press("Escape")
    await edit.press("Enter")
    await expect((await alice.sees("a word")).locator(".content strong")).to_have_text("a word")
    await alice.does("thread", "a word")
    reply = alice.page.locator("#panel textarea[name=content]")
    await reply.fill("below")
    await reply.press("Control+a")
    await reply.press("Control+i")
    await expect(reply).to_have_value("_below_")


async def test_the_last_message_is_edited_from_the_empty_box_and_the_focus_comes_back(alice: Person) -> None:
    await alice.makes_group("Harbour")
    box, edit = alice.page.locator(BOX), alice.page.locator("form.edit textarea")
    await alice.says("one")
    await alice.says("two")
    await alice.sees("two")
    await box.press("Alt+ArrowUp")
    await expect(edit).to_have_count(0)
    await box.press("ArrowUp")
    await expect(edit).to_be_focused()
    await expect(edit).to_have_value("two")
    await edit.press("Escape")
    await expect(box).to_be_focused()
    await box.press("ArrowUp")
    await edit.fill("two, and more")
    await edit.press("Enter")
    await alice.sees("two, and more")
    await expect(box).to_be_focused()
    # Opened at the message, it goes back there.
    await alice.does("edit", "one")
    await edit.press("Escape")
    await expect(alice.message("one")).to_be_focused()


async def test_enter_does_what_the_settings_say(alice: Person) -> None:
    await alice.makes_group("Harbour")
    url, box = alice.page.url, alice.page.locator(BOX)
    await alice.page.goto(f"{alice.url}/settings")
    await alice.page.get_by_label("Always begins a new line").check()
    await alice.page.get_by_role("button", name="Save").click()
    await expect(alice.page.get_by_label("Always begins a new line")).to_be_checked()
    await alice.page.goto(url)
    await types(alice, "first")
    await box.press("Enter")
    await box.press_sequentially("second")
    await expect(box).to_have_value("first\nsecond")
    await box.press("Control+Enter")
    await expect((await alice.sees("first")).locator(".content")).to_have_text(re.compile("first\\s*second"))


async def test_an_enter_of_an_input_method_sends_nothing(alice: Person) -> None:
    await alice.makes_group("Harbour")
    box = alice.page.locator(BOX)
    await types(alice, "にほん")
    session = await alice.page.context.new_cdp_session(alice.page)
    await session.send("Input.imeSetComposition", {"text": "日本", "selectionStart": 2, "selectionEnd": 2})
    await box.evaluate(_ENTER_OF_A_METHOD)
    await expect(box).to_have_value("にほん日本")
    await expect(alice.page.locator("#scroller .message")).to_have_count(0)


async def test_on_a_phone_enter_begins_a_line_and_the_button_sends(arrives: Arrives) -> None:
    person = await arrives("Paula", viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    await person.page.locator("summary", has_text="Groups").tap()
    await person.page.locator("#new-group").fill("Pocket")
    await person.page.locator("#new-group").press("Enter")
    await person.page.get_by_role("link", name="Close").tap()
    box = person.page.locator(BOX)
    await box.fill("first")
    await box.press("Enter")
    await expect(box).to_have_value("first\n")
    await box.press_sequentially("second")
    await person.page.locator("#foot .send").click()
    await person.sees("second")


async def test_the_theme_that_one_chose_is_there_before_the_page_is_painted(alice: Person) -> None:
    await alice.makes_group("Harbour")
    other = await alice.page.context.new_page()
    await other.goto(f"{alice.url}/settings")
    await other.get_by_label("Dark").check()
    await other.get_by_role("button", name="Save").click()
    await expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    # The chat that is open elsewhere follows.
    await expect(alice.page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = "getComputedStyle(document.body).backgroundColor"
    assert await alice.page.evaluate(dark) == "rgb(27, 29, 32)"
    assert await alice.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    await other.close()


async def test_the_box_grows_with_its_text_up_to_a_share_of_the_page(alice: Person) -> None:
    await alice.makes_group("Harbour")
    box = alice.page.locator(BOX)

    async def height() -> float:
        size = await box.bounding_box()
        assert size
        return size["height"]

    one = await height()
    await box.fill("\n" * 5)
    six = await height()
    await box.fill("\n" * 80)
    most = await height()
    assert one < six < most <= 0.36 * (alice.page.viewport_size or {"height": 0})["height"]
