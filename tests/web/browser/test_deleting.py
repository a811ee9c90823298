"""A message that is deleted goes at once from one's own page, and from the others' when it is too late to undo that."""

from playwright.async_api import Page, expect

from .person import Person, holds

GONE = "This message was deleted."
# Whether the server has this message deleted.
IS_DELETED = """async (id) => {
    const response = await fetch(`/api/messages/${encodeURIComponent(id)}`);
    return (await response.json()).deleted === true;
}"""
KEPT = """async () => {
    const { all } = await import('/static/web/js/app/storage.js');
    return (await all('texts')).filter(({ kind }) => kind === 'deletion').length;
}"""


async def _id(person: Person, text: str) -> str:
    message_id = await (await person.sees(text)).get_attribute("data-message-id")
    assert message_id
    return message_id


async def is_focused(page: Page, message_id: str) -> None:
    await expect(page.locator(f'[data-message-id="{message_id}"]')).to_be_focused()


async def test_who_deletes_can_undo_it_and_nobody_has_noticed(alice: Person, bob: Person, together: str) -> None:
    await alice.says("perhaps not")
    await bob.sees("perhaps not")
    await alice.does("delete", "perhaps not")
    message = alice.message("perhaps not")
    await expect(message.locator(".going")).to_have_text(GONE)
    await expect(message.locator(".content")).to_be_hidden()
    await expect(message.locator(".actions")).to_be_hidden()
    await alice.page.get_by_role("button", name="Undo").click()
    await expect(message.locator(".content")).to_be_visible()
    await expect(message.locator(".going")).to_have_count(0)
    await alice.says("after it")
    await bob.sees("after it")
    assert await bob.texts() == ["perhaps not", "after it"]
    await alice.page.reload()
    assert await alice.texts() == ["perhaps not", "after it"]


async def test_the_others_are_told_when_its_time_is_over(alice: Person, bob: Person, together: str) -> None:
    await alice.says("gone soon")
    await bob.sees("gone soon")
    await alice.page.clock.install()
    await alice.does("delete", "gone soon")
    await alice.page.clock.run_for(5_000)
    await expect(alice.page.locator(".notice", has_text="Deleted.")).to_be_visible()
    await expect(bob.message(GONE)).to_have_count(0)
    # The time stands still while somebody is at the notice.
    await alice.page.get_by_role("button", name="Undo").focus()
    await alice.page.clock.run_for(20_000)
    await expect(alice.page.locator(".notice", has_text="Deleted.")).to_be_visible()
    await alice.page.locator("#content").focus()
    await alice.page.mouse.move(0, 0)
    await alice.page.clock.run_for(7_000)
    await bob.sees(GONE)
    await expect(alice.page.locator(".notice", has_text="Deleted.")).to_have_count(0)


async def test_by_keyboard_the_focus_goes_to_the_next_message_and_undo_brings_it_back(
    alice: Person, together: str
) -> None:
    for text in ("one", "two", "three"):
        await alice.says(text)
    ids = {text: await _id(alice, text) for text in ("one", "two", "three")}
    for text, neighbour in (("two", "three"), ("three", "two")):
        # What can be done to a message shows while it has the focus.
        await alice.message(text).focus()
        await alice.message(text).locator("[data-action=delete]").focus()
        await alice.page.keyboard.press("Enter")
        await is_focused(alice.page, ids[neighbour])
        await alice.page.keyboard.press("Control+z")
        await is_focused(alice.page, ids[text])
        await expect(alice.message(text).locator(".content")).to_be_visible()
    # Its notice is in the order of tabs, and keeps the focus from nobody.
    await alice.message("one").focus()
    await alice.message("one").locator("[data-action=delete]").focus()
    await alice.page.keyboard.press("Enter")
    await is_focused(alice.page, ids["two"])
    undo = alice.page.get_by_role("button", name="Undo")
    assert await undo.evaluate("(button) => button.tabIndex") == 0
    await undo.focus()
    await alice.page.keyboard.press("Enter")
    await is_focused(alice.page, ids["one"])


async def test_who_leaves_the_page_has_deleted_it(alice: Person, bob: Person, together: str) -> None:
    await alice.says("left behind")
    await bob.sees("left behind")
    await alice.does("delete", "left behind")
    await expect(alice.page.locator(".notice", has_text="Deleted.")).to_be_visible()
    await alice.page.reload()
    await alice.sees(GONE)
    await bob.sees(GONE)
    await holds(alice.page, f"async () => (await ({KEPT})()) === 0")


async def test_offline_it_is_kept_and_done_later(alice: Person, bob: Person, together: str) -> None:
    alice.may_lose_connection = True
    await alice.says("without a connection")
    await bob.sees("without a connection")
    message_id = await _id(alice, "without a connection")
    await alice.page.context.set_offline(True)
    await expect(alice.page.locator("#offline")).to_be_visible()
    await alice.deletes("without a connection")
    await holds(alice.page, f"async () => (await ({KEPT})()) === 1")
    assert not await bob.page.evaluate(IS_DELETED, message_id)
    await alice.page.context.set_offline(False)
    await bob.sees(GONE, timeout=20_000)
    await holds(alice.page, f"async () => (await ({KEPT})()) === 0")


async def test_what_a_closed_tab_could_not_send_the_next_one_does(alice: Person, bob: Person, together: str) -> None:
    alice.may_lose_connection = True
    await alice.says("from a closed tab")
    await bob.sees("from a closed tab")
    path, context = alice.page.url, alice.page.context
    await context.set_offline(True)
    await alice.deletes("from a closed tab")
    await holds(alice.page, f"async () => (await ({KEPT})()) === 1")
    await alice.page.close(run_before_unload=False)
    await context.set_offline(False)
    page = await context.new_page()
    await page.goto(path)
    await bob.sees(GONE, timeout=20_000)
    await holds(page, f"async () => (await ({KEPT})()) === 0")


async def test_what_is_refused_comes_back(alice: Person, bob: Person, together: str) -> None:
    await bob.says("mine, not yours")
    await alice.sees("mine, not yours")
    await alice.page.evaluate(
        """async () => {
            const { socket } = await import('/static/web/js/app/connection.js');
            const error = { code: 'forbidden', message: 'Not any more.' };
            socket.timeout = () => ({ emitWithAck: async () => ({ ok: false, error }) });
        }"""
    )
    await alice.deletes("mine, not yours")
    await expect(alice.page.locator(".notice", has_text="Not any more.")).to_be_visible()
    await expect(alice.message("mine, not yours").locator(".content")).to_be_visible()


async def test_notices_are_over_no_box_and_go_when_they_are_dismissed(alice: Person, together: str) -> None:
    await alice.page.locator("#content").focus()
    await alice.page.evaluate(
        """async () => {
            const { notice } = await import('/static/web/js/ui/notices.js');
            for (const number of [1, 2, 3, 4, 5]) notice(`number ${number}`);
        }"""
    )
    notices = alice.page.locator("#notices .notice")
    await expect(notices).to_have_count(4)
    await expect(alice.page.locator("#content")).to_be_focused()
    await expect(alice.page.locator("#notices")).to_have_attribute("role", "status")
    box, foot = await alice.page.locator("#notices").bounding_box(), await alice.page.locator("#foot").bounding_box()
    assert box is not None
    assert foot is not None
    assert box["y"] + box["height"] < foot["y"]
    await notices.first.get_by_role("button", name="Dismiss").click()
    await expect(notices).to_have_count(3)
    await notices.last.get_by_role("button", name="Dismiss").focus()
    await alice.page.keyboard.press("Escape")
    await expect(notices).to_have_count(2)
    await expect(alice.page.locator("#content")).to_be_focused()
