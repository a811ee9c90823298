"""A company's first day with accounts: the owner's link, an invitation, a second factor, and sessions that end."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.web.serving import Server

from .person import Person

PASSWORD = "correct horse battery"
PHONE = {"width": 390, "height": 844}
Visits = Callable[..., Awaitable[Person]]


@pytest.fixture
def accounts_server(tmp_path: Path) -> Iterator[Server]:
    """One that nobody has an account on."""
    server = Server(tmp_path / "server.log", SIGN_IN="accounts")
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def visits(browser: Browser, accounts_server: Server) -> AsyncIterator[Visits]:
    """Return a function that opens a browser of somebody's own; the test fails if it has reported an error."""
    people: list[Person] = []
    contexts: list[BrowserContext] = []

    async def visit(name: str, **options: object) -> Person:
        context = await browser.new_context(locale="en-GB", **options)  # type: ignore[arg-type]
        contexts.append(context)
        people.append(Person(name, await context.new_page(), accounts_server.url))
        return people[-1]

    yield visit
    faults = [fault for person in people for fault in person.faults]
    for context in contexts:
        await context.close()
    assert faults == []


async def join(person: Person, link: str, login: str) -> None:
    page = person.page
    await page.goto(link)
    await page.get_by_label("Your name, as others see it").fill(person.name)
    await page.get_by_label("Sign-in name").fill(login)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Make the account").click()
    await expect(page.locator(".shell")).to_be_visible()


async def sign_in(person: Person, login: str) -> None:
    await person.page.goto(f"{person.url}/account")
    await person.page.get_by_label("Sign-in name").fill(login)
    await person.page.get_by_label("Password").fill(PASSWORD)
    await person.page.get_by_role("button", name="Sign in").click()


async def invite(owner: Person) -> str:
    """Return the link of a new invitation."""
    await owner.page.goto(f"{owner.url}/accounts")
    await owner.page.get_by_role("button", name="Make a link").first.click()
    return await owner.page.locator("#made-link").inner_text()


async def set_up_second_factor(page: Page) -> str:
    """Return the code to sign in with in the next minute."""
    await page.locator("#second-factor").get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Set up an authenticator").click()
    await expect(page.locator(".qr svg")).to_be_visible()
    authenticator = pyotp.TOTP(await page.locator(".secret code").inner_text())
    now = int(time.time())
    await page.get_by_label("The code that it shows now").fill(authenticator.at(now))
    await page.get_by_role("button", name="Turn it on").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    # Each counts once, and those of half a minute sooner and later count too.
    return authenticator.at(now + 30)


async def test_the_first_day(accounts_server: Server, visits: Visits) -> None:
    link = accounts_server.manage("owner_link").strip()
    assert link.startswith(f"{accounts_server.url}/join?link=owner.")
    olive = await visits("Olive")
    await join(olive, link, "olive")
    await olive.makes_group("Harbour")
    # There is an owner now.
    assert accounts_server.manage("owner_link").strip() == ""

    mary = await visits("Mary")
    await join(mary, await invite(olive), "mary")
    await olive.page.goto(olive.url)
    await olive.opens("Harbour")
    await olive.page.get_by_role("link", name="Members and details").click()
    await olive.adds(mary)
    await mary.opens("Harbour")
    await mary.says("ahoy")
    await olive.sees("ahoy")

    await mary.page.get_by_title("Your account").click()
    await expect(mary.page.get_by_role("heading", name="Mary")).to_be_visible()
    code = await set_up_second_factor(mary.page)

    phone = await visits("Mary", viewport=PHONE)
    await sign_in(phone, "mary")
    await phone.page.get_by_label("The code of your authenticator").fill(code)
    await phone.page.get_by_role("button", name="Sign in").click()
    await expect(phone.page.locator(".session")).to_have_count(2)
    await phone.page.goto(phone.url)
    await expect(phone.page.locator(".shell")).to_be_visible()
    await phone.page.wait_for_load_state("load")

    await mary.page.goto(f"{mary.url}/account")
    await expect(mary.page.locator(".session")).to_have_count(2)
    await mary.page.get_by_role("button", name="End", exact=True).click()
    await expect(mary.page.locator(".session")).to_have_count(1)
    # Its socket is closed, and its page asks to sign in.
    await expect(phone.page.get_by_label("Sign-in name")).to_be_visible()


async def test_all_of_it_works_without_scripts(accounts_server: Server, visits: Visits) -> None:
    olive, nora = await visits("Olive", java_script_enabled=False), await visits("Nora", java_script_enabled=False)
    await join(olive, accounts_server.manage("owner_link").strip(), "olive")
    await join(nora, await invite(olive), "nora")
    await nora.page.goto(f"{nora.url}/account")
    await set_up_second_factor(nora.page)
    await nora.page.get_by_role("button", name="Sign out").click()
    await expect(nora.page.get_by_label("Sign-in name")).to_be_visible()

    await olive.page.goto(f"{olive.url}/accounts")
    entry = olive.page.locator(".session", has_text=re.compile("Nora"))
    await entry.locator("summary").click()
    await entry.get_by_label("Your own password").fill(PASSWORD)
    await entry.get_by_label("and without the second factor").check()
    await entry.get_by_role("button", name="Make a link").click()
    await nora.page.goto(await olive.page.locator("#made-link").inner_text())
    await nora.page.get_by_label("New password").fill(PASSWORD)
    await nora.page.get_by_role("button", name="Set the password").click()
    await nora.page.get_by_role("link", name="Sign in").click()
    await sign_in(nora, "nora")
    await expect(nora.page.get_by_role("heading", name="Nora")).to_be_visible()
