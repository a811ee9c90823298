"""The sign-in page where Clerk signs users in; a stub replaces Clerk's script."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.serving import Server, serving
from tests.sessions import sign_out
from tests.users.issuer import ISSUER, Issuer

HOST = "clerk.example"
# Like Clerk, it puts a fresh token into the cookie, and keeps its session until signOut.
CLERK = """
const token = %s;
const session = { getToken: async () => { document.cookie = `__session=${token}; path=/`; return token; } };
window.Clerk = {
  session,
  load: async () => {},
  signOut: async () => { window.Clerk.session = null; },
  mountSignIn: (box) => { box.textContent = window.Clerk.session ? "Signed in" : "Clerk's box"; },
};
"""


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
async def clerks_server(issuer: Issuer) -> AsyncIterator[Server]:
    key = "pk_test_" + base64.b64encode(f"{HOST}$".encode()).decode()
    settings = {
        "SIGN_IN": "clerk",
        "SECRET_KEY": "x" * 50,
        "CLERK_ISSUER": ISSUER,
        "CLERK_JWT_KEY": issuer.pem().decode(),
        "CLERK_PUBLISHABLE_KEY": key,
    }
    async with serving(settings) as server:
        yield server


@dataclass
class Visitor:
    """A browser in which Clerk has a session."""

    context: BrowserContext
    issuer: Issuer
    session: dict[str, str | None]

    def token(self) -> str:
        return self.issuer.token(**self.session, jti=uuid4().hex)

    async def clerk(self, route: Route) -> None:
        script = CLERK % json.dumps(self.token())
        await route.fulfill(body=script, content_type="text/javascript", headers={"Access-Control-Allow-Origin": "*"})

    async def opens(self, url: str) -> Page:
        page = await self.context.new_page()
        await page.goto(url)
        return page


@pytest.fixture
async def visitor(browser: Browser, issuer: Issuer) -> AsyncIterator[Visitor]:
    session = {"azp": None, "sub": f"user_{uuid4().hex}", "sid": f"sess_{uuid4().hex}"}
    visitor = Visitor(await browser.new_context(), issuer, session)
    await visitor.context.route(f"https://{HOST}/**", visitor.clerk)
    yield visitor
    await visitor.context.close()


async def test_a_session_whose_cookie_has_expired_is_renewed(clerks_server: Server, visitor: Visitor) -> None:
    page = await visitor.opens(f"{clerks_server.url}/sign-in?next=/")
    await expect(page.locator(".shell")).to_be_visible()


async def test_a_session_that_ended_here_is_ended_at_clerk(clerks_server: Server, visitor: Visitor) -> None:
    await sign_out(clerks_server.url, visitor.token())
    page = await visitor.opens(f"{clerks_server.url}/sign-in?next=/")
    await expect(page.get_by_text("Clerk's box")).to_be_visible()


async def test_an_open_page_whose_session_ends_asks_to_sign_in(clerks_server: Server, visitor: Visitor) -> None:
    page = await visitor.opens(f"{clerks_server.url}/sign-in?next=/")
    await expect(page.locator(".shell")).to_be_visible()
    await sign_out(clerks_server.url, visitor.token())
    await expect(page.get_by_text("Clerk's box")).to_be_visible()
