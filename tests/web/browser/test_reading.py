"""A long conversation is read from the first unread message on, in both directions, and its place is kept."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from .person import A_BURST, AT_ONCE, Person

# Sends the lines in order, 25 at a time; returns once they are stored.
SAY_LINES = """async ([groupId, from, to]) => {
    const { request } = await import('/static/web/js/app/connection.js');
    const line = (n) => request('message', { groupId, content: `line ${String(n).padStart(3, '0')}` });
    for (let n = from; n < to; n += 25)
        await Promise.all(Array.from({ length: Math.min(25, to - n) }, (_, index) => line(n + index)));
}"""
# The text of the message at the upper edge, and how far below it that begins.
FIRST_SHOWN = """() => {
    const top = (element) => element.getBoundingClientRect().top;
    const box = document.getElementById('scroller');
    const all = [...document.querySelectorAll('#scroller .log > .message')];
    const shown = all.find((each) => each.getBoundingClientRect().bottom > top(box));
    return shown ? [shown.querySelector('.content').textContent.trim(), Math.round(top(shown) - top(box))] : ['', 0];
}"""
STAYS_AT = f"""async ([text, top, patience]) => {{
    const first = {FIRST_SHOWN};
    const isThere = () => first()[0] === text && Math.abs(first()[1] - top) < 6;
    for (const end = Date.now() + patience; !isThere(); await new Promise((done) => setTimeout(done, 50)))
        if (Date.now() > end) throw new Error(`${{first()}} is not ${{text}}, ${{top}}`);
}}"""
# The history's entry has the place.
IS_KEPT = """(text) => {
    const { messageId } = history.state?.at ?? {};
    return document.querySelector(`[data-message-id="${messageId}"]`)?.textContent.includes(text);
}"""
TEXTS = "() => [...document.querySelectorAll('#scroller .log .content')].map((each) => each.textContent.trim())"
SCROLL_TO = """(text) => {
    const all = [...document.querySelectorAll('#scroller .log > .message')];
    all.find((each) => each.textContent.includes(text)).scrollIntoView({ block: 'start' });
}"""
READ_TO_THE_END = """async (patience) => {
    const { page } = await import('/static/web/js/app/positions.js');
    const { readUpTo } = await import('/static/web/js/app/unread.js');
    const isRead = () => readUpTo(page().groupId) >= Number(page().head);
    for (const end = Date.now() + patience; !isRead(); await new Promise((done) => setTimeout(done, 50)))
        if (Date.now() > end) throw new Error('there are unread messages');
}"""
UP, DOWN = "box => box.scrollTop = -box.scrollHeight", "box => box.scrollTop = 0"


def lines(first: int, end: int) -> list[str]:
    return [f"line {n:03}" for n in range(first, end)]


async def say_lines(person: Person, first: int, end: int) -> None:
    group_id = await person.page.locator("#conversation").get_attribute("data-group-id")
    await person.page.evaluate(SAY_LINES, [group_id, first, end])


async def has_read_all(person: Person) -> None:
    """Return once the page knows that the mark is at the end of its group."""
    await person.page.evaluate(READ_TO_THE_END, AT_ONCE)


async def scrolls(person: Person, how: str) -> None:
    await person.page.locator("#scroller").evaluate(how)


async def stays_at(page: Page, place: list[object]) -> None:
    """Return once the same message is at the upper edge, within some pixels."""
    await page.evaluate(STAYS_AT, [*place, AT_ONCE])


@pytest.mark.timeout(240)
async def test_a_group_opens_at_the_first_unread_message(alice: Person, bob: Person, together: str) -> None:
    await alice.says("read before")
    await bob.sees("read before")
    await has_read_all(bob)
    await bob.makes_group("Elsewhere")
    await say_lines(alice, 0, 200)
    count = bob.row(together).locator("[data-field=count]")
    await expect(count).to_have_text("200", timeout=A_BURST)
    await bob.opens(together)
    page = bob.page
    # It says how many, above the first one, which is on the screen with what was read before.
    await expect(page.locator(".unread-line")).to_have_text("New 200 unread")
    await expect(page.locator(".unread-line + .message .content")).to_have_text("line 000")
    await expect(page.locator(".unread-line")).to_be_in_viewport()
    await expect(bob.message("read before")).to_be_in_viewport()
    # What was seen is read, and nothing else.
    await expect(count).not_to_have_text("200")
    last = await page.evaluate(
        "async () => (await import('/static/web/js/conversation/scrolling.js')).lastSeen().textContent"
    )
    seen = int(re.findall(r"line (\d+)", last)[0]) + 1
    await expect(count).to_have_text(str(200 - seen))
    await expect(page.locator("#jump")).to_have_text(f"Jump to newest {200 - seen} unread")
    # Newer ones come when the reader goes on.
    await page.evaluate(SCROLL_TO, "line 024")
    await expect(bob.message("line 060")).to_have_count(1)
    texts = await page.evaluate(TEXTS)
    assert texts == ["read before", *lines(0, len(texts) - 1)]
    place = await page.evaluate(FIRST_SHOWN)
    await _keeps_the_place(bob, place)
    await _jumps_to_the_end_and_back(alice, bob, together, place)


async def _keeps_the_place(bob: Person, place: list[object]) -> None:
    page = bob.page
    # The place stays on a reload, and when one comes back.
    await page.wait_for_function(IS_KEPT, arg=place[0])
    await page.reload()
    await stays_at(page, place)
    await bob.opens("Elsewhere")
    await page.go_back()
    await stays_at(page, place)
    # Opening a panel, and closing it, leaves it too.
    await page.get_by_role("link", name="Members and details").click()
    await page.get_by_role("link", name="Close").click()
    await expect(page.locator("#panel")).to_be_hidden()
    await stays_at(page, place)


async def _jumps_to_the_end_and_back(alice: Person, bob: Person, together: str, place: list[object]) -> None:
    page = bob.page
    # What arrives at the end does not come into the middle.
    await alice.says("and now?")
    await alice.sees("and now?")
    await page.locator("#jump").click()
    await bob.sees("and now?")
    await expect(page.locator("#jump")).to_be_hidden()
    await expect(bob.row(together).locator("[data-field=count]")).to_be_hidden()
    # Going back to where one has jumped from.
    await page.go_back()
    await stays_at(page, place)
    # What one writes is shown at the end.
    await bob.says("written here")
    await bob.sees("written here")
    await expect(page.locator("#jump")).to_be_hidden()


async def test_the_line_is_above_what_came_while_nobody_looked(alice: Person, bob: Person, together: str) -> None:
    await say_lines(alice, 0, 40)
    await bob.sees("line 039", timeout=A_BURST)
    await has_read_all(bob)
    await scrolls(bob, "box => box.scrollTop = -300")
    await expect(bob.page.locator("#jump")).to_have_text(re.compile("Jump to newest"))
    await alice.says("first of all")
    await alice.says("second of all")
    await bob.sees("second of all")
    await expect(bob.page.locator(".unread-line")).to_have_count(1)
    await expect(bob.page.locator(".unread-line + .message .content")).to_have_text("first of all")
    await expect(bob.page.locator("#jump")).to_have_text("Jump to newest 2 unread")
    await bob.page.locator("#jump").click()
    await has_read_all(bob)
    await scrolls(bob, "box => box.scrollTop = -300")
    await expect(bob.page.locator("#jump")).to_be_visible()
    await alice.says("third of all")
    await bob.sees("third of all")
    await expect(bob.page.locator(".unread-line + .message .content")).to_have_text("third of all")
    await expect(bob.page.locator(".unread-line")).to_have_count(1)


@pytest.mark.timeout(240)
async def test_one_scrolls_back_to_the_beginning_and_forth_again(alice: Person, together: str) -> None:
    await say_lines(alice, 0, 460)
    await alice.page.reload()
    page, failures = alice.page, 1

    async def fail_once(route: Route) -> None:
        nonlocal failures
        failures -= 1
        await (route.fulfill(status=503, body="not now") if failures >= 0 else route.continue_())

    await page.route(re.compile(r"\?before="), fail_once)
    alice.may_lose_connection = True
    await page.evaluate(SCROLL_TO, "line 410")
    await expect(page.locator("#older .edge-problem")).to_contain_text("Trying again")
    place = await page.evaluate(FIRST_SHOWN)
    await expect(alice.message("line 370")).to_have_count(1)
    await stays_at(page, place)
    # It does not stop until it is there; what is far from the screen is taken off.
    while not await page.locator("#older").get_by_text("This is where").count():
        first = (await page.evaluate(TEXTS))[0]
        await scrolls(alice, UP)
        await page.wait_for_function(
            f"first => ({TEXTS})()[0] !== first || !document.querySelector('#older a')", arg=first
        )
    texts = await page.evaluate(TEXTS)
    assert texts == lines(0, len(texts))
    assert len(texts) <= 400
    await expect(page.locator("#jump")).to_be_visible()
    # What comes meanwhile belongs to the end, which comes back as one scrolls there.
    await alice.page.evaluate("async () => (await import('/static/web/js/conversation/scrolling.js')).isLive()")
    while not await alice.message("line 459").count():
        last = (await page.evaluate(TEXTS))[-1]
        await scrolls(alice, DOWN)
        await page.wait_for_function(f"last => ({TEXTS})().at(-1) !== last", arg=last)
    texts = await page.evaluate(TEXTS)
    assert texts == lines(460 - len(texts), 460)
    await alice.says("at the end")
    await alice.sees("at the end")


async def test_a_message_has_an_address(alice: Person, bob: Person, together: str) -> None:
    await say_lines(alice, 0, 90)
    await bob.sees("line 089", timeout=A_BURST)
    # Else the group opens where the unread begin.
    await bob.has_read_all()
    message = bob.message("line 060")
    address = await message.locator("a.when").get_attribute("href")
    await bob.page.goto(f"{bob.url}{address}")
    found = bob.page.locator("#scroller .message.found")
    await expect(found).to_contain_text("line 060")
    await expect(found).to_be_in_viewport()
    for text in ("line 040", "line 080"):
        await expect(bob.message(text)).to_have_count(1)
    # In the page, the time is the link.
    await bob.page.goto(bob.url)
    await bob.opens(together)
    message = await bob.sees("line 085")
    await message.hover()
    await message.locator("a.when").click()
    await expect(found).to_contain_text("line 085")
    await expect(bob.page).to_have_url(f"{bob.url}{await message.locator('a.when').get_attribute('href')}")
    # This page goes on to the newest message, and on.
    await alice.says("still here")
    await bob.sees("still here")
