"""The headers, redirects and refusals of every page, over plain HTTP."""

import re
from collections.abc import Iterator

import httpx
import pytest

from .serving import Server
from .signing_in import sign_in


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as client:
        yield client


def test_strangers_are_sent_to_sign_in_and_back(client: httpx.Client) -> None:
    response = client.get("/groups/group_x?before=9")
    assert response.status_code == 302
    assert response.headers["location"] == "/sign-in?next=%2Fgroups%2Fgroup_x%3Fbefore%3D9"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "///evil.example"]
)
def test_signing_in_redirects_only_within_this_server(client: httpx.Client, elsewhere: str) -> None:
    assert sign_in(client, "Dora", next_path=elsewhere).headers["location"] == "/"


def test_the_session_cookie_is_httponly_and_samesite(client: httpx.Client) -> None:
    cookie = next(c for c in sign_in(client, "Dora").headers.get_list("set-cookie") if c.startswith("__session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_signing_in_needs_the_csrf_token(client: httpx.Client) -> None:
    response = client.post("/sign-in", data={"name": "Dora"})
    assert response.status_code == 403
    assert "__session" not in response.cookies


def test_a_blank_name_is_refused(client: httpx.Client) -> None:
    response = sign_in(client, name=" \u200b ")
    assert response.status_code == 400
    assert "Give a name." in response.text


@pytest.mark.parametrize("path", ["/sign-in", "/?list", "/groups/group_x"])
def test_a_page_runs_only_its_own_scripts_and_is_not_cached(client: httpx.Client, path: str) -> None:
    sign_in(client, "Dora")
    response = client.get(path)
    policy = dict(rule.split(" ", 1) for rule in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    nonce = re.fullmatch("'nonce-([A-Za-z0-9_-]{22})'", policy["script-src"])
    assert nonce
    # A JSON script is data; whatever runs or is fetched to run has the nonce of this answer.
    scripts = re.findall(r"<script(?! id=)[^>]*>|<link rel=.modulepreload[^>]*>", response.text)
    assert all(f'nonce="{nonce[1]}"' in tag for tag in scripts)
    assert nonce[1] not in client.get(path).headers["content-security-policy"]
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert response.headers["cache-control"] == "no-store"


def test_no_page_has_an_inline_script_or_style(client: httpx.Client) -> None:
    # But the map of imports, which runs nothing and has the nonce of its page.
    sign_in(client, "Dora")
    for path in ("/sign-in", "/?list"):
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]*(src=|application/json|importmap))|<style|\sstyle=|\son[a-z]+=", text)


def test_an_invalid_cookie_is_deleted(client: httpx.Client) -> None:
    client.cookies.set("__session", "rubbish")
    response = client.get("/")
    assert response.status_code == 302
    assert "max-age=0" in response.headers["set-cookie"].lower()


def test_a_form_without_its_csrf_token_does_nothing(client: httpx.Client) -> None:
    sign_in(client, "Dora")
    response = client.post("/groups", data={"name": "Forged"})
    assert response.status_code == 403
    assert "too old" in response.text
    assert "Forged" not in client.get("/?list").text


def test_a_token_past_half_of_its_lifetime_is_renewed(server: Server, client: httpx.Client) -> None:
    old = server.manage("token", "Rena", "--lifetime", str(3600)).strip()
    response = client.get("/?list", headers={"Cookie": f"__session={old}"})
    assert response.cookies["__session"] != old
    fresh = sign_in(client, "Dora")
    assert fresh.status_code == 302
    assert "__session" not in client.get("/?list").cookies


def test_an_expired_token_redirects_to_sign_in(server: Server, client: httpx.Client) -> None:
    old = server.manage("token", "Exa", "--lifetime=-60").strip()
    response = client.get("/?list", headers={"Cookie": f"__session={old}"})
    assert response.status_code == 302
    assert response.headers["location"].startswith("/sign-in")
