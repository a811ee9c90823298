"""Reports, their queue and the audit log in a browser, on a desk and on a phone, in both themes."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.web.serving import Server

from .conftest import Arrives
from .person import Person

ADMINISTRATOR = "Dora Admin"
PHONE = {"width": 390, "height": 844}
# Where pictures of the pages go, for somebody who looks at them.
_PICTURES = os.environ.get("PAGE_PICTURES")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("administration") / "server.log"
    server = Server(log, ADMINS=ADMINISTRATOR)
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def dora(arrives: Arrives) -> Person:
    dora = await arrives("Dora")
    # In a trial, whoever is called so.
    await sign_in_as(dora, ADMINISTRATOR)
    return dora


async def sign_in_as(person: Person, name: str) -> None:
    page = person.page
    # Whose page is open would go to sign in by itself.
    await page.goto("about:blank")
    await page.context.clear_cookies()
    await page.goto(f"{person.url}/sign-in")
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator(".shell")).to_be_visible()
    await page.wait_for_load_state("load")


async def looks_right(page: Page, name: str) -> None:
    """Nothing reaches over the side of a phone's screen; pictures are taken where somebody wants them."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        if _PICTURES:
            await page.screenshot(path=Path(_PICTURES) / f"{name}-{scheme}.png", full_page=True)
    size = page.viewport_size
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type] # a size
    await page.wait_for_load_state("load")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    if size:
        await page.set_viewport_size(size)
    await page.emulate_media(color_scheme="light")


async def reports(person: Person, words: str) -> None:
    """Report the message with these words."""
    page = person.page
    message = page.locator(".message", has_text=words)
    await message.hover()
    await message.locator("details.more > summary").click()
    if _PICTURES:
        await page.screenshot(path=Path(_PICTURES) / "menu.png")
    await message.get_by_role("link", name="Report").click()
    await page.get_by_label("Spam, or advertising").check()
    await page.get_by_label("What else should they know?").fill("It is the third time today.")
    await looks_right(page, "report")
    await page.get_by_role("button", name="Report").click()
    await expect(page.get_by_role("status")).to_contain_text("The administrators have it now")


async def warns(administrator: Person, author: Person, words: str) -> None:
    """Decide the case that is about these words."""
    page = administrator.page
    # By an event: the page is not read anew. Others of these tests report somebody too.
    await expect(page.locator("#reports-open [data-field=count]")).to_have_text(re.compile("[1-9]"))
    if _PICTURES:
        await page.screenshot(path=Path(_PICTURES) / "sidebar.png")
    await page.get_by_role("link", name="Reports").click()
    await looks_right(page, "queue")
    await page.get_by_role("link", name=f"A message of {author.name}").click()
    await expect(page.locator(".reported")).to_have_text(words)
    await page.get_by_label("Warn the person").check()
    await page.get_by_label("What the person is told").fill("Please sell your soap elsewhere.")
    await looks_right(page, "case")
    await page.get_by_role("button", name="Decide").click()
    await page.get_by_role("link", name="Decided").click()
    await expect(page.locator(".tag", has_text="warned")).to_be_visible()


async def test_a_message_is_reported_and_its_author_warned(
    dora: Person, alice: Person, bob: Person, together: str
) -> None:
    words = "buy my soap, it is the best soap"
    await bob.says(words)
    await reports(alice, words)
    await warns(dora, bob, words)
    page = bob.page
    await page.get_by_role("link", name="Notices").click()
    await expect(page.get_by_text("Please sell your soap elsewhere.")).to_be_visible()
    assert alice.name not in await page.locator("main").inner_text()
    await looks_right(page, "notices")
    await page.get_by_role("button", name="I have read this").click()
    await expect(page.get_by_role("button", name="I have read this")).to_have_count(0)
    await dora.page.get_by_role("link", name="Audit log").click()
    act = dora.page.locator(".act", has_text="report.decide")
    await expect(act).to_contain_text(bob.name)
    await looks_right(dora.page, "audit")


async def test_one_reports_a_person_and_not_oneself(alice: Person, bob: Person, together: str) -> None:
    page = alice.page
    await page.get_by_role("link", name="People", exact=True).click()
    await page.locator(".person-row", has_text=bob.name).click()
    await page.get_by_role("link", name="Report this person").click()
    await page.get_by_label("It threatens somebody").check()
    await page.get_by_role("button", name="Report").click()
    await expect(page.get_by_role("status")).to_be_visible()


async def test_own_messages_have_no_such_entry(alice: Person, bob: Person, together: str) -> None:
    await alice.says("my own words")
    message = alice.page.locator(".message", has_text="my own words")
    await expect(message.get_by_role("link", name="Report", include_hidden=True)).to_be_hidden()
