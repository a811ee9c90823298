"""Signing in by a real provider of OpenID Connect in a browser: out to its pages, and back into the chat."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.accounts.oidc.real_provider import CLIENT_ID, CLIENT_SECRET, RealProvider, running_provider
from tests.web.serving import Server

from .person import Person
from .test_accounts import PASSWORD, join

PEOPLE = {"ada": {"name": "Ada Lovelace", "email": "ada@example.org", "email_verified": True}}


@dataclass
class Scene:
    server: Server
    provider: RealProvider
    owner: Person
    ada: Person


async def _stay_here(route: Route) -> None:
    """Load nothing from elsewhere: the provider's pages ask for fonts."""
    if urlsplit(route.request.url).hostname in ("localhost", "127.0.0.1"):
        await route.continue_()
    else:
        await route.fulfill(status=200, body="")


@pytest.fixture
async def scene(browser: Browser, tmp_path: Path) -> AsyncIterator[Scene]:
    server = Server(tmp_path / "server.log", host="localhost", SIGN_IN="accounts")
    async with running_provider(server.url, PEOPLE, f"{server.url}/api/accounts/oidc/sign-out") as provider:
        server.set(OIDC_ISSUER=provider.issuer, OIDC_CLIENT_ID=CLIENT_ID, OIDC_CLIENT_SECRET=CLIENT_SECRET)
        server.set(OIDC_LABEL="Example Ltd")
        await asyncio.to_thread(server.manage, "create_tables")
        await asyncio.to_thread(server.start)
        contexts = [await browser.new_context(locale="en-GB") for _ in range(2)]
        for context in contexts:
            await context.route("**/*", _stay_here)
        owner = Person("Olive", await contexts[0].new_page(), server.url)
        ada = Person("Ada", await contexts[1].new_page(), server.url)
        await join(owner, server.manage("owner_link").strip(), "olive")
        yield Scene(server, provider, owner, ada)
        for context in contexts:
            await context.close()
        server.stop()
        assert [*owner.faults, *ada.faults] == []


async def sign_in_there(page: Page, login: str, *, consents: bool) -> None:
    await page.get_by_placeholder("Enter any login").fill(login)
    await page.get_by_placeholder("and password").fill("anything")
    await page.get_by_role("button", name="Sign-in").click()
    if consents:
        await page.get_by_role("button", name="Continue").click()


async def test_somebody_joins_and_signs_in_by_it(scene: Scene) -> None:
    await scene.owner.page.goto(f"{scene.server.url}/accounts")
    await scene.owner.page.get_by_role("button", name="Make a link").first.click()
    link = await scene.owner.page.locator("#made-link").inner_text()
    page = scene.ada.page
    await page.goto(link)
    await page.get_by_role("link", name="Join with Example Ltd").click()
    await sign_in_there(page, "ada", consents=True)
    await expect(page.locator(".shell")).to_be_visible()
    await page.goto(f"{scene.server.url}/account")
    await expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    await expect(page.locator("#oidc")).to_contain_text("You can sign in by it.")
    await expect(page.get_by_label("Present password")).to_have_count(0)

    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("link", name="Sign out at Example Ltd too")).to_be_visible()
    await page.get_by_role("link", name="Sign in with Example Ltd").click()
    await expect(page.locator(".shell")).to_be_visible()


async def test_the_owner_links_an_account_and_finds_the_provider_away(scene: Scene) -> None:
    page = scene.owner.page
    await page.goto(f"{scene.server.url}/account")
    await page.locator("#oidc").get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Link my account").click()
    await sign_in_there(page, "ada", consents=True)
    await expect(page.locator("#oidc")).to_contain_text("You can sign in by it.")

    await scene.provider.stop()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_label("Sign-in name").fill("olive")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.locator(".shell")).to_be_visible()
