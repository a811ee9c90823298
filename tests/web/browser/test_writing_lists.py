"""What is offered while one writes: people, teams, groups, emoji and commands, by keys and by a finger."""

import re

from playwright.async_api import Locator, expect

from .conftest import Arrives
from .person import Person

BOX = "#content"


def options(person: Person) -> Locator:
    return person.page.get_by_role("listbox", name="Suggestions").get_by_role("option")


async def types(person: Person, text: str, box: str = BOX) -> Locator:
    """Type at the caret of a box, with what helps to write loaded."""
    field = person.page.locator(box)
    await field.focus()
    await expect(person.page.locator("body")).to_have_attribute("data-writing", "ready")
    await field.press_sequentially(text)
    return field


async def test_a_person_is_chosen_by_keys_and_named_in_the_message(alice: Person, bob: Person, together: str) -> None:
    box = await types(alice, "ahoy , look")
    for _ in ", look":
        await box.press("ArrowLeft")
    await types(alice, f"@{bob.name[:5].lower()}")
    await expect(options(alice).filter(has_text=bob.name)).to_be_visible()
    await expect(box).to_have_attribute("role", "combobox")
    await expect(box).to_have_attribute("aria-expanded", "true")
    chosen = await options(alice).filter(has_text=bob.name).get_attribute("id")
    for _ in range(8):
        if await box.get_attribute("aria-activedescendant") == chosen:
            break
        await box.press("ArrowDown")
    await box.press("Tab")
    await expect(options(alice)).to_have_count(0)
    await expect(box).not_to_have_attribute("role", re.compile(".*"))
    await expect(box).to_have_value(f"ahoy @{bob.name} , look")
    await expect(box).to_be_focused()
    await box.press("Enter")
    mention = (await bob.sees("ahoy")).locator(".mention")
    await expect(mention).to_have_text(f"@{bob.name}")
    # In an edit it has the name too, and stays who it is.
    await alice.sees("ahoy")
    await box.press("ArrowUp")
    edit = alice.page.locator("form.edit textarea")
    await expect(edit).to_have_value(f"ahoy @{bob.name} , look")
    await edit.press("End")
    await edit.press_sequentially(" again")
    await edit.press("Enter")
    await expect((await bob.sees("again")).locator(".mention")).to_have_text(f"@{bob.name}")


async def test_a_mention_outlives_the_page_as_a_draft(alice: Person, bob: Person, together: str) -> None:
    box = await types(alice, f"@{bob.name}")
    await options(alice).filter(has_text=bob.name).first.click()
    await box.press_sequentially("are you there")
    await alice.page.reload()
    await expect(box).to_have_value(f"@{bob.name} are you there")
    await box.press("Enter")
    await expect((await bob.sees("are you there")).locator(".mention")).to_have_text(f"@{bob.name}")


async def test_escape_closes_the_list_and_nothing_else(alice: Person, bob: Person, together: str) -> None:
    await alice.says("to be edited")
    await alice.sees("to be edited")
    await alice.does("edit", "to be edited")
    edit = alice.page.locator("form.edit textarea")
    await edit.press("End")
    await types(alice, f" @{bob.name[:5]}", "form.edit textarea")
    await expect(options(alice).first).to_be_visible()
    await edit.press("Escape")
    await expect(options(alice)).to_have_count(0)
    await expect(edit).to_be_focused()
    # It stays closed while the same is typed.
    await edit.press_sequentially(bob.name[5:])
    await expect(edit).to_have_value(f"to be edited @{bob.name}")
    await expect(options(alice)).to_have_count(0)
    await edit.press("Escape")
    await expect(edit).to_have_count(0)


async def test_who_is_not_in_the_group_comes_after_those_who_are(alice: Person, bob: Person, arrives: Arrives) -> None:
    await alice.makes_group("Harbour")
    await types(alice, f"@{bob.name}")
    await expect(options(alice).filter(has_text=bob.name)).to_contain_text("Not in this group")


async def test_a_group_becomes_a_link_to_it(alice: Person, bob: Person) -> None:
    name = f"Light*house {alice.name[-6:]}"
    await alice.makes_group(name)
    await alice.makes_group("Harbour")
    await alice.adds(bob)
    box = await types(alice, "see #light")
    await options(alice).filter(has_text=name).click()
    await expect(box).to_have_value(f"see #{name} ")
    await box.press("Enter")
    link = (await alice.sees("see")).locator(".content a")
    await expect(link).to_have_text(f"#{name}")
    await link.click()
    await expect(alice.title).to_have_text(name)


async def test_an_emoji_is_chosen_by_its_short_code_and_code_stays_as_typed(alice: Person) -> None:
    await alice.makes_group("Harbour")
    box = await types(alice, "done :tad")
    await expect(options(alice).first).to_contain_text("🎉 :tada:")
    await box.press("Enter")
    await expect(box).to_have_value("done 🎉 ")
    await box.press_sequentially("`:tad")
    await expect(options(alice)).to_have_count(0)
    await box.press_sequentially("a:` and :tada:")
    await box.press("Control+Enter")
    await expect((await alice.sees("done")).locator(".content")).to_have_text("done 🎉 :tada: and 🎉")


async def test_commands_are_offered_and_carried_out(alice: Person, bob: Person, together: str) -> None:
    box = await types(alice, "/")
    await expect(options(alice)).to_have_count(6)
    await box.press_sequentially("to")
    await expect(options(alice)).to_have_count(1)
    await box.press("Enter")
    await expect(box).to_have_value("/topic ")
    await box.press_sequentially("Tides and ships")
    await box.press("Enter")
    await expect(bob.page.locator("#head .topic")).to_have_text("Tides and ships")
    await expect(box).to_have_value("")
    await alice.says("/me waves")
    await expect((await bob.sees("waves")).locator(".content em")).to_have_text("waves")
    await alice.says("//topic of this")
    await bob.sees("/topic of this")
    await expect(bob.page.locator("#head .topic")).to_have_text("Tides and ships")
    # Who may not is told so, and nothing is lost.
    bob.may_lose_connection = True
    await bob.says("/topic Mine")
    await expect(bob.page.locator(".notice")).to_be_visible()
    await expect(bob.page.locator(BOX)).to_have_value("/topic Mine")


async def test_an_unknown_command_is_asked_about(alice: Person) -> None:
    await alice.makes_group("Harbour")
    box = await types(alice, "/frobnicate it")
    await box.press("Enter")
    await expect(alice.page.get_by_role("alert").filter(has_text="There is no command /frobnicate")).to_be_visible()
    await expect(box).to_have_value("/frobnicate it")
    await alice.page.get_by_role("button", name="Send it as text").click()
    await alice.sees("/frobnicate it")
    await expect(box).to_have_value("")


async def test_a_list_on_a_phone_is_within_the_screen(arrives: Arrives, alice: Person) -> None:
    phone = await arrives("Paula", viewport={"width": 375, "height": 640}, has_touch=True, is_mobile=True)
    await alice.makes_group("Pocket")
    await alice.adds(phone)
    await phone.row("Pocket").locator("a").tap()
    box = await types(phone, "@")
    await expect(options(phone).first).to_be_visible()
    size = await phone.page.get_by_role("listbox", name="Suggestions").bounding_box()
    assert size
    assert size["x"] >= 0 <= size["y"]
    assert size["x"] + size["width"] <= 375
    assert size["y"] + size["height"] <= 640
    await box.press_sequentially(alice.name[:5])
    await options(phone).filter(has_text=alice.name).tap()
    await expect(box).to_have_value(f"@{alice.name} ")


async def test_a_long_text_that_is_pasted_may_become_a_file(alice: Person, bob: Person, together: str) -> None:
    text = "\n".join(f"line {number}" for number in range(60))
    box = await types(alice, "here it is: ")
    for answer in ("Keep it as text", "Send it as a file"):
        await box.evaluate(_PASTE, text)
        await expect(box).to_have_value(f"here it is: {text}")
        await alice.page.get_by_role("button", name=answer).click()
        if answer.startswith("Keep"):
            await expect(box).to_have_value(f"here it is: {text}")
            await box.fill("here it is: ")
    await expect(box).to_have_value("here it is: ")
    await expect(alice.page.locator("#foot .upload[data-state=done]")).to_contain_text("pasted.txt")
    await box.press("Enter")
    await expect((await bob.sees("here it is")).locator(".file")).to_contain_text("pasted.txt")


async def test_a_quote_leaves_what_is_written_and_takes_what_is_selected(
    alice: Person, bob: Person, together: str
) -> None:
    await bob.says("the tide comes at noon")
    await alice.sees("the tide comes at noon")
    box = await types(alice, "my thought")
    more = alice.message("the tide").locator("summary", has_text="More")
    # The keys come to what is done to a message by the message.
    await alice.message("the tide").focus()
    await more.press("Enter")
    await alice.message("the tide").locator("[data-action=quote]").press("Enter")
    await expect(box).to_have_value(re.compile(r"^my thought\n\n\[.*\]\(/groups/.*\):\n> the tide comes at noon\n\n$"))
    await expect(box).to_be_focused()
    await box.press("Control+z")
    await expect(box).to_have_value("my thought")
    await alice.message("the tide").locator(".content p").evaluate(_SELECT)
    await _quotes(alice, "the tide")
    await expect(box).to_have_value(re.compile(r"^my thought\n\n\[.*\]\(/groups/.*\):\n> the tide\n\n$"))


async def _quotes(person: Person, text: str) -> None:
    message = person.message(text)
    await message.hover()
    await message.locator("summary", has_text="More").click()
    await message.locator("[data-action=quote]").click()


_PASTE = """(box, text) => {
    box.focus();
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    if (!box.dispatchEvent(event)) return;
    const { value } = box;
    box.value = value + text;
    box.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertFromPaste" }));
}"""
_SELECT = """paragraph => {
    const range = document.createRange();
    range.setStart(paragraph.firstChild, 0);
    range.setEnd(paragraph.firstChild, 8);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""
