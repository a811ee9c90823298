"""What is long, wide, in other directions or piled up stays in its place; and what time does to what is shown."""

import re
from datetime import datetime

from playwright.async_api import Route, expect

from .conftest import Arrives
from .person import Person, holds

HEBREW, PILED = "שלום לכולם, מה שלומכם היום?", "Z\u0301\u0302\u0303" * 4 + " piled"
REACT = """async ([messageId, emoji]) => {
    const { request } = await import('/static/web/js/app/connection.js');
    await request('reaction', { messageId, emoji, action: 'add' });
}"""
# The most characters that a line of the first paragraph has.
LONGEST_LINE = """(element) => {
    const text = element.querySelector('p').firstChild, range = document.createRange(), lines = new Map();
    for (let at = 0; at < text.length; at++) {
        range.setStart(text, at); range.setEnd(text, at + 1);
        const top = Math.round(range.getBoundingClientRect().top);
        lines.set(top, (lines.get(top) ?? 0) + 1);
    }
    return Math.max(...lines.values());
}"""


async def test_a_long_text_is_folded_and_code_is_copied(alice: Person, together: str) -> None:
    await alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await alice.says("\n".join(f"pasted {n}" for n in range(80)))
    message = await alice.sees("pasted 0")
    height = "element => element.getBoundingClientRect().height"
    for _ in range(2):
        assert await message.evaluate(height) < 450
        await message.get_by_role("button", name="Show all of it").click()
        assert await message.evaluate(height) > 900
        await alice.page.reload()
    # Code is copied as it was written.
    await alice.says("```python\ndef f():\n    return 1\n```")
    message = await alice.sees("return 1")
    await expect(message.locator(".content .k").first).to_have_text("def")
    await message.locator(".code").hover()
    await message.get_by_role("button", name="Copy", exact=True).click()
    await expect(alice.page.locator("#notices")).to_contain_text("The code is copied")
    assert await alice.page.evaluate("navigator.clipboard.readText()") == "def f():\n    return 1"


async def test_wide_and_strange_texts_stay_in_their_place(alice: Person, together: str) -> None:
    await alice.page.set_viewport_size({"width": 1700, "height": 900})
    # Lines that are easy to read, on a wide screen too.
    await alice.says("a sentence of common words goes on and on " * 12)
    content = (await alice.sees("a sentence of")).locator(".content")
    assert 65 <= await content.evaluate(LONGEST_LINE) <= 90
    # Each paragraph has its own direction.
    await alice.says(f"In English first.\n\n{HEBREW}")
    for _ in range(2):
        paragraphs = (await alice.sees("In English")).locator(".content p")
        directions = await paragraphs.evaluate_all("all => all.map((each) => getComputedStyle(each).direction)")
        assert directions == ["ltr", "rtl"]
        await alice.page.reload()
    # What is piled up is cut off where its paragraph ends.
    await alice.says(PILED)
    paragraph = (await alice.sees("piled")).locator(".content p")
    assert await paragraph.evaluate("each => getComputedStyle(each).overflowY") == "clip"


async def test_reactions_on_a_phone(arrives: Arrives, alice: Person) -> None:
    phone = await arrives("Paula", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    await alice.makes_group("Harbour")
    await alice.adds(phone)
    await phone.row("Harbour").locator("a").tap()
    await alice.says("react to this")
    await alice.sees("react to this")
    message = await phone.sees("react to this")
    message_id = await message.get_attribute("data-message-id")
    order = ["🚀", "W" * 32, "👍", "🎉"]
    for emoji in order:
        await alice.page.evaluate(REACT, [message_id, emoji])
    emojis = message.locator(".chip [data-field=emoji]")
    await expect(emojis).to_have_text(order)
    assert await phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    chip = message.locator(".chip").first
    box = await message.locator(".chip").nth(1).bounding_box()
    assert box
    assert box["x"] + box["width"] <= 360
    # A finger that stays shows who it was, and does not react.
    await chip.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    await expect(phone.page.locator("#reactors")).to_contain_text(alice.name)
    await chip.dispatch_event("pointerup", {"pointerType": "touch", "bubbles": True})
    await chip.dispatch_event("click", {"bubbles": True})
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await expect(chip.locator("[data-field=count]")).to_have_text("1")
    # A reload shows the same order.
    await phone.page.reload()
    await expect(emojis).to_have_text(order)


async def test_midnight_comes(alice: Person) -> None:
    await alice.makes_group("Night")
    await alice.says("of today")
    await alice.sees("of today")
    now = datetime.fromisoformat(await alice.page.evaluate("new Date().toISOString()"))
    await alice.page.clock.install(time=now)
    await alice.page.reload()
    day = alice.page.locator("#scroller .day")
    await expect(day).to_have_text(["Today"])
    # A connection that is being made gives up when its time is over.
    await holds(alice.page, "async () => (await import('/static/web/js/app/connection.js')).isReady()")
    await alice.page.clock.fast_forward(24 * 3600 * 1000)
    await expect(day).to_have_text(["Yesterday"])


async def test_a_name_is_asked_for_until_there_is_an_answer(alice: Person, bob: Person) -> None:
    answers = iter(["abort", "503"])
    alice.may_lose_connection = True

    async def answer(route: Route) -> None:
        match next(answers, "go on"):
            case "abort":
                await route.abort()
            case "503":
                await route.fulfill(status=503, body="")
            case _:
                await route.continue_()

    await alice.page.route(re.compile("/api/users/"), answer)
    name = await alice.page.evaluate(
        """async (id) => {
            const names = await import('/static/web/js/people/names.js');
            const first = names.nameOf(id);
            while (names.nameOf(id) === '…') await new Promise((done) => setTimeout(done, 50));
            return [first, names.nameOf(id)];
        }""",
        await bob.page.evaluate("document.body.dataset.userId"),
    )
    assert name == ["…", bob.name]
