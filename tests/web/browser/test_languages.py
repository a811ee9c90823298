"""The chat in German and in Arabic, with its script: no page has two languages, and none is wider than the screen."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.web.serving import Server

from .conftest import Arrives
from .person import Person, holds
from .test_offline import has_copies

STATIC = """() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
    .filter((path) => path.startsWith('/static/'))"""
# Of a page: how much wider than the screen it is, and what of it reaches out of that.
WIDER = """() => {
    const out = [...document.querySelectorAll('body *')].filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return width && !element.closest('.hidden, .skip') && (left < -1 || right > innerWidth + 1);
    });
    return [document.documentElement.scrollWidth - innerWidth, out.map((element) => element.outerHTML.slice(0, 120))];
}"""

Reads = Callable[..., Awaitable[Page]]


@pytest.fixture
async def reads(browser: Browser, server: Server) -> AsyncIterator[Reads]:
    """Return a function that opens the sign-in page in a browser of this language, and signs in there."""
    people: list[Person] = []
    contexts: list[BrowserContext] = []

    async def read(locale: str, **options: object) -> Page:
        options = {"service_workers": "block", **options}
        context = await browser.new_context(locale=locale, timezone_id="Europe/Berlin", **options)  # type: ignore[arg-type]
        contexts.append(context)
        person = Person("Reader", await context.new_page(), server.url)
        people.append(person)
        await person.page.goto(server.url)
        await person.page.locator("#name").fill(f"Reader {uuid4().hex[:6]}")
        await person.page.locator(".card form .button.wide").click()
        await expect(person.page.locator(".shell")).to_be_visible()
        await person.page.wait_for_load_state("load")
        return person.page

    yield read
    # Nobody is called as a test asks for: the answer is no error of the page.
    faults = [fault for person in people for fault in person.faults if not fault.endswith("/direct")]
    for context in contexts:
        await context.close()
    assert faults == []


async def make_group(page: Page, name: str) -> str:
    """Return the path of the new group."""
    if await page.locator("#first-group").is_visible():
        await page.locator("#first-group").fill(name)
        await page.locator("#first-group").press("Enter")
    else:
        await page.locator("#groups-title").click()
        await page.locator("#new-group").fill(name)
        await page.locator("#new-group").press("Enter")
    await expect(page.locator("#head h1")).to_have_text(name)
    return f"/groups/{await page.locator('#conversation').get_attribute('data-group-id')}"


async def send(page: Page, text: str) -> None:
    await page.locator("#content").fill(text)
    await page.locator("#content").press("Enter")
    await expect(page.locator(".log .message").last).to_contain_text(text)
    await expect(page.locator(".log .message[data-state]")).to_have_count(0)


async def choose(page: Page, url: str, language: str) -> None:
    await page.goto(f"{url}/profile")
    await page.locator(f".languages [value={language}]").click()
    await expect(page.locator(f"html[lang={language}]")).to_be_attached()


async def test_signing_in_and_talking_in_german(reads: Reads) -> None:
    page = await reads("de-DE")
    await expect(page.get_by_role("heading", name="Hallo, Reader")).to_be_visible()
    await expect(page.get_by_role("link", name="Posteingang")).to_be_visible()
    await make_group(page, "Hafen")
    await expect(page.get_by_label("Nachricht an Hafen")).to_be_visible()
    await expect(page.get_by_text("Hier beginnt Hafen.")).to_be_visible()
    await send(page, "ahoi")
    # What the script writes.
    await expect(page.locator(".day")).to_have_text("Heute")
    message = page.locator(".log .message")
    await message.hover()
    await message.get_by_title("Mehr").click()
    await message.get_by_role("button", name="Anheften").click()
    await expect(message.locator(".pinned")).to_contain_text("Angeheftet von Reader")
    await expect(message.locator("[data-field=pin]")).to_have_text("Loslösen")


async def test_a_thread_and_a_text_that_is_too_long_in_german(reads: Reads) -> None:
    page = await reads("de-DE")
    await make_group(page, "Werft")
    await send(page, "Frage")
    message = page.locator(".log .message").first
    await message.hover()
    await message.get_by_role("link", name="Im Thread antworten").click()
    panel = page.locator("#panel")
    await panel.get_by_label("Im Thread antworten").fill("Antwort")
    await panel.get_by_label("Im Thread antworten").press("Enter")
    await expect(message.locator(".replies")).to_have_text("1 Antwort")
    await page.locator("#content").fill("x" * 10_003)
    await expect(page.locator("#foot [data-field=room]")).to_have_text("Um 3 zu lang")
    await page.locator("#content").press("Enter")
    await expect(page.locator("#notices")).to_contain_text("Das ist um 3 Zeichen zu lang")


async def test_settings_of_a_group_and_refusals_in_german(reads: Reads, server: Server) -> None:
    page = await reads("de-DE")
    address = server.url + await make_group(page, "Leuchtturm")
    await page.goto(f"{address}/settings")
    await expect(page.get_by_role("heading", name="Über die Gruppe")).to_be_visible()
    await expect(page.get_by_text("Eine private Gruppe mit 1 Mitglied.")).to_be_visible()
    await expect(page.get_by_label("Nachrichten schreiben")).to_be_visible()
    await page.goto(address)
    await page.locator("summary", has_text="Direktnachrichten").click()
    await page.locator("#new-direct").fill("Niemand Unbekanntes")
    await page.locator("#new-direct").press("Enter")
    await expect(page.locator("#problem")).to_contain_text("Niemand hier heißt „Niemand Unbekanntes“.")


async def test_another_language_is_chosen_and_no_page_has_both(arrives: Arrives, server: Server) -> None:
    alice = await arrives("Alice", service_workers="allow")
    group_id = await alice.makes_group("Harbour")
    path = f"/groups/{group_id}"
    await has_copies(alice.page, path)
    other_tab = await alice.page.context.new_page()
    await other_tab.goto(server.url + path)
    await choose(alice.page, server.url, "de")
    await alice.page.goto(server.url + path)
    await expect(alice.page.get_by_label("Nachricht an Harbour")).to_be_visible()
    # The copy for when there is no server is that of the new language.
    await holds(
        alice.page,
        """async (path) => {
            const copies = (await caches.keys()).filter((name) => name.startsWith('pages of '));
            const copyIn = async (name) => (await (await caches.open(name)).match(path, { ignoreVary: true }))?.text();
            const texts = await Promise.all(copies.map(copyIn));
            return texts.length === 1 && texts[0]?.includes('Nachricht an Harbour');
        }""",
        path,
    )
    # A tab in the former one loads the whole page when it goes on.
    await other_tab.locator("[href='/inbox']").click()
    await expect(other_tab.locator("html[lang=de]")).to_be_attached()
    await expect(other_tab.locator("#head h1")).to_have_text("Posteingang")


@pytest.mark.parametrize("width", [320, 1280])
async def test_pages_from_right_to_left_fit_on_the_screen(reads: Reads, server: Server, width: int) -> None:
    page = await reads("ar-EG", viewport={"width": width, "height": 720})
    await expect(page.locator("html[lang=ar][dir=rtl]")).to_be_attached()
    address = server.url + await make_group(page, "المرفأ")
    # On a phone, the panel to add people in covers the conversation.
    await page.goto(address)
    await send(page, "مرحبا بكم, and some English")
    for path in ("", "/members", "/settings"):
        await page.goto(address + path)
        await page.wait_for_load_state("load")
        assert await page.evaluate(WIDER) == [0, []], path
    for path in ("/?list", "/inbox", "/profile", "/settings", "/people", "/planned", "/search", "/notifications"):
        await page.goto(server.url + path)
        await page.wait_for_load_state("load")
        assert await page.evaluate(WIDER) == [0, []], path


async def test_the_list_of_groups_is_on_the_right_where_one_reads_from_there(reads: Reads) -> None:
    page = await reads("ar-EG", viewport={"width": 1280, "height": 720})
    sidebar = await page.locator("#sidebar").bounding_box()
    assert sidebar
    assert sidebar["x"] + sidebar["width"] == 1280


async def test_another_language_costs_one_request_more(reads: Reads) -> None:
    english, german = await reads("en-GB"), await reads("de-DE")
    more = set(await german.evaluate(STATIC)) - set(await english.evaluate(STATIC))
    assert more == {"/static/web/texts/de.js"}
