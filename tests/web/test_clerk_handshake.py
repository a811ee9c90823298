"""A page with an expired cookie goes to Clerk and back; no other answer is taken, and nobody goes round in circles."""

import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.serving import Server, serving
from tests.users.issuer import ISSUER, Issuer, sign

HOST = "clerk.example"


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
async def server(issuer: Issuer) -> AsyncIterator[Server]:
    settings = {
        "SIGN_IN": "clerk",
        "SECRET_KEY": "x" * 50,
        "CLERK_ISSUER": ISSUER,
        "CLERK_JWT_KEY": issuer.pem().decode(),
        "CLERK_PUBLISHABLE_KEY": "pk_test_" + base64.b64encode(f"{HOST}$".encode()).decode(),
    }
    async with serving(settings) as server:
        yield server


@pytest.fixture
def session() -> dict[str, Any]:
    return {"azp": None, "sub": f"user_{uuid4().hex}", "sid": f"sess_{uuid4().hex}", "name": "Ada"}


@pytest.fixture
async def browser(server: Server, issuer: Issuer, session: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    """It has a cookie that expired a minute ago."""
    expired = issuer.token(**session, iat=int(time.time()) - 120, exp=int(time.time()) - 60)
    async with httpx.AsyncClient(base_url=server.url, headers={"Accept": "text/html"}) as browser:
        browser.cookies.set("__session", expired, domain="127.0.0.1")
        yield browser


def answer(issuer: Issuer, session: dict[str, Any], *more: str) -> str:
    fresh = issuer.token(**session)
    cookies = [f"__session={fresh}; Path=/; SameSite=Lax; Max-Age=3600", "__client_uat=1; Path=/; Partitioned", *more]
    return sign(issuer, {"handshake": cookies})


async def test_an_expired_cookie_is_renewed_by_way_of_clerk(
    browser: httpx.AsyncClient, issuer: Issuer, session: dict[str, Any]
) -> None:
    away = await browser.get("/?list=&cursor=")
    assert away.status_code == 302
    target = urlsplit(away.headers["location"])
    assert (target.scheme, target.netloc, target.path) == ("https", HOST, "/v1/client/handshake")
    back = parse_qs(target.query)["redirect_url"][0]
    assert back == f"{browser.base_url}/?list=&cursor=".replace("//?", "/?")
    returned = await browser.get(back, params={"list": "", "__clerk_handshake": answer(issuer, session)})
    assert returned.status_code == 302
    assert "__clerk_handshake" not in returned.headers["location"]
    page = await browser.get("/")
    assert page.status_code == 200
    assert "Ada" in page.text


async def test_clerk_may_answer_in_a_cookie(
    browser: httpx.AsyncClient, issuer: Issuer, session: dict[str, Any]
) -> None:
    await browser.get("/")
    browser.cookies.set("__clerk_handshake", answer(issuer, session), domain="127.0.0.1")
    assert (await browser.get("/")).headers["location"] == "/"
    assert (await browser.get("/")).status_code == 200


async def test_nobody_is_sent_round_in_circles(browser: httpx.AsyncClient) -> None:
    assert HOST in (await browser.get("/")).headers["location"]
    assert (await browser.get("/")).headers["location"].startswith("/sign-in")


async def test_what_a_script_fetches_is_not_sent_elsewhere(browser: httpx.AsyncClient) -> None:
    fetched = await browser.get("/", headers={"Sec-Fetch-Dest": "empty"})
    assert fetched.headers["location"].startswith("/sign-in")
    assert HOST in (await browser.get("/", headers={"Sec-Fetch-Dest": "document"})).headers["location"]


async def test_an_answer_that_was_not_asked_for_signs_nobody_in(
    browser: httpx.AsyncClient, issuer: Issuer, session: dict[str, Any]
) -> None:
    browser.cookies.clear()
    response = await browser.get("/", params={"__clerk_handshake": answer(issuer, session)})
    assert response.headers["location"].startswith("/sign-in")
    assert "__session" not in response.cookies


@pytest.mark.parametrize("forged", ["", "a.b.c", "stranger", "no list", "a session token", "too long"])
async def test_an_answer_that_is_not_clerks_sets_no_cookie(
    browser: httpx.AsyncClient, issuer: Issuer, session: dict[str, Any], forged: str
) -> None:
    tokens = {
        "stranger": answer(Issuer(), session),
        "no list": sign(issuer, {"handshake": "__session=x"}),
        "a session token": issuer.token(**session),
        "too long": sign(issuer, {"handshake": ["x" * 40_000]}),
    }
    await browser.get("/")
    response = await browser.get("/", params={"__clerk_handshake": tokens.get(forged, forged)})
    assert response.status_code in (302, 400)
    assert "__session" not in response.cookies


async def test_it_sets_clerks_own_cookies_and_no_other(
    browser: httpx.AsyncClient, issuer: Issuer, session: dict[str, Any]
) -> None:
    await browser.get("/")
    hostile = ["csrftoken=x; Path=/", "__session=a\r\nSet-Cookie: b=c", "__session_ab=ok; Path=/\r\nX-Bad: 1", "=", "x"]
    response = await browser.get("/", params={"__clerk_handshake": answer(issuer, session, *hostile)})
    names = {value.partition("=")[0] for value in response.headers.get_list("set-cookie")}
    assert names <= {"__session", "__session_ab", "__client_uat", "clerk_handshake_started"}
    assert "x-bad" not in response.headers
    assert json.dumps(session["sub"]) not in response.text


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example"])
async def test_the_way_back_leads_to_this_server(
    browser: httpx.AsyncClient, issuer: Issuer, session: dict[str, Any], path: str
) -> None:
    await browser.get("/")
    url = f"{str(browser.base_url).rstrip('/')}{path}?__clerk_handshake={answer(issuer, session)}"
    location = (await browser.get(url)).headers.get("location", "/")
    assert not location.startswith("//")
