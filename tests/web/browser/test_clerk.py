"""The sign-in page where Clerk signs users in; a stub replaces Clerk's script."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, WebSocket, expect

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
RENEWALS = 7
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
# It fetches each token, as Clerk's script does.
FETCHING_CLERK = CLERK.replace(
    "getToken: async () => {",
    "getToken: async () => { const token = await (await fetch(`https://clerk.example/token`)).text();",
).replace("const token = %s;", "const first = %s;")


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


async def test_an_open_pages_socket_gets_fresh_tokens(clerks_server: Server, visitor: Visitor) -> None:
    """Tokens of three seconds, each renewed before the two last: the first one's leeway is over at the seventh."""

    def brief_token() -> str:
        now = int(time.time())
        return visitor.issuer.token(**visitor.session, jti=uuid4().hex, iat=now, exp=now + 3)

    enough, fetched = asyncio.Event(), list[str]()

    async def serve(route: Route) -> None:
        if not route.request.url.endswith("/token"):
            body = FETCHING_CLERK % json.dumps(brief_token())
            await route.fulfill(body=body, content_type="text/javascript", headers=ANY_ORIGIN)
            return
        fetched.append(brief_token())
        await route.fulfill(body=fetched[-1], content_type="text/plain", headers=ANY_ORIGIN)

    await visitor.context.unroute_all()
    await visitor.context.route(f"https://{HOST}/**", serve)
    page = await visitor.context.new_page()
    sockets, sent = list[str](), list[str]()

    def on_sent(payload: str | bytes) -> None:
        if "authenticate" in str(payload):
            sent.append(str(payload))
            if len(sent) == RENEWALS:
                enough.set()

    def on_websocket(websocket: WebSocket) -> None:
        sockets.append(websocket.url)
        websocket.on("framesent", on_sent)

    page.on("websocket", on_websocket)
    await page.goto(f"{clerks_server.url}/sign-in?next=/")
    await expect(page.locator(".shell")).to_be_visible()
    async with asyncio.timeout(60):
        await enough.wait()
    assert len(sockets) == 1
    assert len({json.loads(payload.lstrip("0123456789/,"))[1]["token"] for payload in sent}) == RENEWALS
