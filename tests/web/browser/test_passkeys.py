"""Passkeys in a browser, whose authenticator is Chromium's virtual one: made, used alone or second, and removed."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from tests.web.serving import Server

from .person import Person
from .test_accounts import PASSWORD, join


@pytest.fixture
def passkey_server(tmp_path: Path) -> Iterator[Server]:
    """One with a name: browsers have no passkeys for addresses."""
    server = Server(tmp_path / "server.log", host="localhost", SIGN_IN="accounts")
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def mary(browser: Browser, passkey_server: Server) -> AsyncIterator[Person]:
    """The owner, at a browser of her own."""
    context = await browser.new_context(locale="en-GB")
    person = Person("Mary", await context.new_page(), passkey_server.url)
    await join(person, passkey_server.manage("owner_link").strip(), "mary")
    yield person
    await context.close()
    assert person.faults == []


async def plug_in(page: Page) -> tuple[CDPSession, str]:
    """Give a page an authenticator that its user is always at."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(made["authenticatorId"])


async def add_passkey(person: Person, name: str) -> None:
    page = person.page
    await page.goto(f"{person.url}/account")
    await page.get_by_label("What you call it").fill(name)
    await page.locator("#passkey-password").fill(PASSWORD)
    await page.get_by_role("button", name="Add a passkey").click()


async def sign_in(page: Page) -> None:
    await page.get_by_label("Sign-in name").fill("mary")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def sign_out(page: Page) -> None:
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Sign-in name")).to_be_visible()


async def test_a_passkey_is_made_used_and_removed(mary: Person) -> None:
    page = mary.page
    await plug_in(page)
    await add_passkey(mary, "Laptop")
    await expect(page.locator(".codes li")).to_have_count(10)
    await expect(page.locator("#passkeys .session")).to_contain_text("Laptop")

    await sign_out(page)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.locator(".shell")).to_be_visible()

    # The same authenticator makes no second one of the same account.
    await add_passkey(mary, "Laptop again")
    await expect(page.locator("#passkeys .field-problem")).to_have_text("This device has a passkey of yours already.")
    await expect(page.locator("#passkeys .session")).to_contain_text("last used")

    await sign_out(page)
    await sign_in(page)
    await expect(page.get_by_label("The code of your authenticator")).to_be_visible()
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.locator(".shell")).to_be_visible()

    await page.goto(f"{mary.url}/account")

    await page.locator("#passkeys summary", has_text="Remove").click()
    await page.locator("#passkeys .session").get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Remove this passkey").click()
    await expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    await expect(page.locator("#passkeys .session")).to_have_count(0)
    await sign_out(page)
    mary.may_lose_connection = True  # the browser reports the 401 of the page
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("alert").filter(has_text="does not sign you in")).to_be_visible()
    mary.may_lose_connection = False
    await sign_in(page)
    await expect(page.locator(".shell")).to_be_visible()


async def test_an_unverified_user_does_not_get_in(mary: Person) -> None:
    page = mary.page
    session, authenticator = await plug_in(page)
    await add_passkey(mary, "Laptop")
    await expect(page.locator(".codes li")).to_have_count(10)
    await sign_out(page)
    await session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.locator("form.passkey .field-problem")).to_have_text("No passkey was given.")
    await sign_in(page)
    await expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()


async def test_a_page_of_another_address_has_no_passkeys(mary: Person, browser: Browser) -> None:
    await plug_in(mary.page)
    await add_passkey(mary, "Laptop")
    await expect(mary.page.locator(".codes li")).to_have_count(10)
    await sign_out(mary.page)
    # The same server by its address: nothing is offered there, and the browser itself would give it nothing.
    await mary.page.goto(mary.url.replace("localhost", "127.0.0.1") + "/sign-in")
    await expect(mary.page.get_by_label("Sign-in name")).to_be_visible()
    await expect(mary.page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    refused = await mary.page.evaluate(
        """() => navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: "localhost"}})
            .then(() => "given", (error) => error.name)"""
    )
    assert refused == "SecurityError"
