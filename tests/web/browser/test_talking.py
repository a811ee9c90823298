"""Two users in a group: each sees at once what the other does, and a reload shows the same."""

from pathlib import Path

from playwright.async_api import expect

from .conftest import Arrives
from .person import A_BURST, Person


async def test_what_one_writes_the_other_sees_at_once(alice: Person, bob: Person, together: str) -> None:
    await alice.says("Good morning")
    await bob.sees("Good morning")
    await bob.says("Good morning to you")
    await alice.sees("Good morning to you")
    assert await alice.texts() == await bob.texts() == ["Good morning", "Good morning to you"]


async def test_a_message_written_fast_after_another_keeps_its_place(alice: Person, bob: Person, together: str) -> None:
    wanted = [f"number {n}" for n in range(15)]
    for text in wanted:
        await alice.says(text)
    await bob.sees(wanted[-1], timeout=A_BURST)
    await alice.sees(wanted[-1])
    assert await alice.texts() == await bob.texts() == wanted


async def test_shift_enter_makes_a_new_line(alice: Person, bob: Person, together: str) -> None:
    await alice.page.locator("#content").fill("first line")
    await alice.page.locator("#content").press("Shift+Enter")
    await alice.page.locator("#content").press_sequentially("second line")
    await alice.page.locator("#content").press("Enter")
    message = await bob.sees("first line")
    assert await message.locator(".content").inner_text() == "first line\nsecond line"


async def test_an_edit_shows_everywhere_and_is_marked(alice: Person, bob: Person, together: str) -> None:
    await alice.says("Lunch at noon")
    await bob.sees("Lunch at noon")
    await alice.does("edit", "Lunch at noon")
    await alice.page.locator("form.edit textarea").fill("Lunch at one")
    await alice.page.locator("form.edit textarea").press("Enter")
    for person in (alice, bob):
        message = await person.sees("Lunch at one")
        await expect(message.locator(".edited")).to_be_visible()
        await expect(person.message("Lunch at noon")).to_have_count(0)


async def test_arrow_up_edits_the_users_last_message_and_escape_cancels(
    alice: Person, bob: Person, together: str
) -> None:
    await alice.says("teh end")
    await alice.sees("teh end")
    await bob.says("of what?")
    await alice.sees("of what?")
    await alice.page.locator("#content").press("ArrowUp")
    box = alice.page.locator("form.edit textarea")
    await expect(box).to_have_value("teh end")
    await box.press("Escape")
    await expect(box).to_have_count(0)
    await alice.sees("teh end")


async def test_a_reaction_is_counted_and_a_click_removes_it(alice: Person, bob: Person, together: str) -> None:
    await alice.says("We won")
    await bob.sees("We won")
    await bob.does("react", "We won")
    await bob.page.locator("#picker").get_by_role("gridcell", name="party popper").click()
    chip = alice.message("We won").locator(".chip")
    await expect(chip).to_have_text("🎉 1")
    await expect(chip).to_have_attribute("title", bob.name)
    await chip.click()
    await expect(bob.message("We won").locator(".chip")).to_have_text("🎉 2")
    await expect(bob.message("We won").locator(".chip")).to_have_attribute("aria-pressed", "true")
    for person in (alice, bob):
        await person.message("We won").locator(".chip").click()
    await expect(alice.message("We won").locator(".chip")).to_have_count(0)


async def test_a_deleted_message_leaves_its_place_and_nothing_else(alice: Person, bob: Person, together: str) -> None:
    await alice.says("forget this")
    await bob.sees("forget this")
    await alice.deletes("forget this")
    for person in (alice, bob):
        await person.sees("This message was deleted.")
        await expect(person.message("forget this")).to_have_count(0)
    await bob.page.reload()
    await bob.sees("This message was deleted.")


async def test_a_thread_has_its_replies_and_the_log_their_number(alice: Person, bob: Person, together: str) -> None:
    await alice.says("Who comes along?")
    await bob.sees("Who comes along?")
    await bob.does("thread", "Who comes along?")
    await bob.replies("I do")
    await bob.sees("I do", within="#panel .log")
    replies = alice.message("Who comes along?").locator(".replies")
    await expect(replies).to_have_text("1 reply")
    await replies.click()
    await alice.sees("I do", within="#panel .log")
    await alice.replies("Good")
    await bob.sees("Good", within="#panel .log")
    await expect(replies).to_have_text("2 replies")
    assert await alice.texts() == ["Who comes along?"]


async def test_files_come_with_a_message_and_open(
    alice: Person, bob: Person, together: str, picture: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("what was said")
    await alice.says("See these", picture, notes)
    message = await bob.sees("See these")
    image = message.locator("img")
    await expect(image).to_have_js_property("naturalWidth", 1)
    await expect(image).to_have_attribute("alt", "dot.png")
    link = message.locator("a.file")
    await expect(link).to_contain_text("notes.txt")
    response = await bob.page.request.get(bob.url + (await link.get_attribute("href") or ""))
    assert await response.text() == "what was said"


async def test_a_file_that_is_too_large_is_refused_before_it_goes(alice: Person, together: str, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(b"x" * 3_000_001)
    await alice.page.locator("#foot input[type=file]").set_input_files(large)
    await expect(alice.page.locator("#foot .upload .field-problem")).to_contain_text("Too large")


async def test_a_dropped_file_is_attached(alice: Person, together: str) -> None:
    await alice.page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(['dropped'], 'dropped.txt', {type: 'text/plain'}));
            const drop = new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
            document.getElementById('scroller').dispatchEvent(drop);
        }"""
    )
    await expect(alice.page.locator("#foot .upload[data-state=done]")).to_contain_text("dropped.txt")


async def test_a_reload_finds_everything(alice: Person, bob: Person, together: str, picture: Path) -> None:
    await alice.says("first", picture)
    await bob.sees("first")
    await bob.does("react", "first")
    await bob.page.locator("#picker").get_by_role("gridcell", name="thumbs up").click()
    await bob.does("thread", "first")
    await bob.replies("a reply")
    await bob.sees("a reply", within="#panel .log")
    # The page moves the read mark a moment later; a reload before that would show the line above unread messages.
    await bob.has_read_all()
    for part in ("👍", "1 reply"):
        await expect(bob.message("first")).to_contain_text(part)
    before = await bob.page.locator("#scroller .log").inner_text()
    await bob.page.reload()
    await bob.sees("a reply", within="#panel .log")
    assert await bob.page.locator("#scroller .log").inner_text() == before
    await expect(bob.message("first").locator("img")).to_have_js_property("naturalWidth", 1)


async def test_typing_shows_and_stops(alice: Person, bob: Person, together: str) -> None:
    await alice.page.locator("#content").press_sequentially("hm")
    line = bob.page.locator("#foot [data-field=typing]")
    await expect(line).to_have_text(f"{alice.name} is typing…")
    await alice.page.locator("#content").press("Enter")
    await expect(line).to_have_text("")


async def test_scrolling_up_loads_older_messages(alice: Person, together: str) -> None:
    for n in range(60):
        await alice.says(f"line {n:02}")
    await alice.sees("line 59", timeout=A_BURST)
    await alice.page.reload()
    assert len(await alice.texts()) == 50
    await alice.page.locator("#scroller").evaluate("box => box.scrollTop = -box.scrollHeight")
    await expect(alice.message("line 00")).to_have_count(1)
    assert await alice.texts() == [f"line {n:02}" for n in range(60)]


async def test_a_new_message_does_not_move_a_reader_who_has_scrolled_up(
    alice: Person, bob: Person, together: str
) -> None:
    for n in range(25):
        await alice.says(f"line {n:02}")
    await bob.sees("line 24", timeout=A_BURST)
    await bob.page.locator("#scroller").evaluate("box => box.scrollTop = -150")
    before = await bob.message("line 15").bounding_box()
    await alice.says("something new")
    await bob.sees("something new")
    after = await bob.message("line 15").bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 3


async def test_the_unread_count_lasts_until_the_group_is_opened(alice: Person, bob: Person, together: str) -> None:
    await bob.makes_group("Elsewhere")
    await alice.says("one")
    await alice.says("two")
    count = bob.row(together).locator(".unread")
    await expect(count).to_have_text("2 unread")
    await expect(bob.page).to_have_title("(2) Elsewhere · chatproject")
    await bob.opens(together)
    await expect(count).to_be_hidden()
    await bob.page.reload()
    await expect(count).to_be_hidden()


async def test_a_phone_shows_one_thing_at_a_time(arrives: Arrives) -> None:
    person = await arrives("Paula", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    await expect(person.page.locator("#sidebar")).to_be_visible()
    await person.page.locator("summary", has_text="Groups").tap()
    await person.page.locator("#new-group").fill("Pocket")
    await person.page.locator("#new-group").press("Enter")
    await expect(person.page.get_by_role("heading", name="Members")).to_be_visible()
    await person.page.get_by_role("link", name="Close").tap()
    # Enter begins a line there.
    await person.page.locator("#content").fill("small")
    await person.page.locator("#foot .send").tap()
    await person.sees("small")
    await expect(person.page.locator("#sidebar")).to_be_hidden()
    await person.page.get_by_role("link", name="All conversations").tap()
    await expect(person.row("Pocket")).to_be_visible()
    width = await person.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
