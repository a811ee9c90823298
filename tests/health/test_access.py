"""Anybody sees the states; figures are for administrators, bearers of HEALTH_TOKEN, and browsers that have shown it."""

from typing import Any

import httpx
import pytest
from django.core.signing import TimestampSigner
from pytest_django import Settings

from health import access
from health.access import PASS_COOKIE, make_pass
from tests.cast import Person
from users.administrators import is_named

from .conftest import TOKEN

ENGINES = ("dynamodb", "mongodb", "redis")
PATHS = ("/api/health", "/api/health?scope=process")
NOBODY: list[dict[str, str]] = [
    {},
    {"Authorization": "Bearer nonsense"},
    {"Authorization": "x"},
    {"Authorization": "Bearer "},
    {"Authorization": TOKEN},
    {"Authorization": f"Bearer {TOKEN}x"},
    {"Authorization": f"Bearer {TOKEN[:-1]}"},
    {"Authorization": "Bearer \u00e9"},
    {"Cookie": f"{PASS_COOKIE}={TOKEN}"},
    {"Cookie": f"{PASS_COOKIE}=a:b:c"},
]


def _is_states_only(report: dict[str, Any]) -> bool:
    expected = {
        "status": report["status"],
        "server": {name: report["server"][name] for name in ("http", "websocket")},
        "databases": {name: {"status": "ok"} for name in ENGINES},
    }
    return report == expected


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("sent", NOBODY)
async def test_strangers_see_the_states_and_nothing_else(
    client: httpx.AsyncClient, settings: Settings, sent: dict[str, str], path: str
) -> None:
    settings.HEALTH_TOKEN = TOKEN
    headers = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    response = await client.get(path, headers=headers)
    assert response.status_code == 200
    assert _is_states_only(response.json())


@pytest.mark.parametrize("path", PATHS)
async def test_members_who_are_no_administrators_see_the_states_alone(
    client: httpx.AsyncClient, alice: Person, bob: Person, settings: Settings, path: str
) -> None:
    settings.ADMINISTRATORS = frozenset([alice.id])
    for headers in (bob.headers, {"Cookie": f"{settings.SESSION_COOKIE}={bob.token}"}):
        assert _is_states_only((await client.get(path, headers=headers)).json())


@pytest.mark.parametrize("path", PATHS)
async def test_administrators_and_the_bearer_of_the_token_see_figures(
    client: httpx.AsyncClient, alice: Person, settings: Settings, path: str
) -> None:
    settings.HEALTH_TOKEN, settings.ADMINISTRATORS = TOKEN, frozenset([alice.id])
    by_cookie = {"Cookie": f"{settings.SESSION_COOKIE}={alice.token}"}
    by_pass = {"Cookie": f"{PASS_COOKIE}={make_pass()}"}
    for headers in ({"Authorization": f"Bearer {TOKEN}"}, alice.headers, by_cookie, by_pass):
        assert "rss" in (await client.get(path, headers=headers)).text, headers
    settings.HEALTH_TOKEN = ""
    for headers in (by_pass, {"Authorization": "Bearer "}, {"Cookie": f"{PASS_COOKIE}="}):
        assert "rss" not in (await client.get(path, headers=headers)).text


async def test_a_pass_ends_with_its_time_and_with_the_token(
    client: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HEALTH_TOKEN = TOKEN
    value = make_pass()
    forged = TimestampSigner(salt="something.else").sign(value.rsplit(":", 2)[0])
    assert access.is_pass(value)
    assert not access.is_pass(forged)
    settings.HEALTH_TOKEN = "another"
    assert not access.is_pass(value)
    settings.HEALTH_TOKEN = TOKEN
    monkeypatch.setattr(access, "PASS_SECONDS", -1)
    assert not access.is_pass(value)


async def test_in_a_trial_administrators_may_be_named(
    client: httpx.AsyncClient, alice: Person, bob: Person, settings: Settings
) -> None:
    settings.ADMINISTRATORS = frozenset([alice.actor.name.upper()])
    assert "rss" in (await client.get("/api/health", headers=alice.headers)).text
    assert "rss" not in (await client.get("/api/health", headers=bob.headers)).text
    # Elsewhere a name is whatever somebody calls themselves: only ids count.
    settings.LOCAL_ISSUER = False
    assert not is_named(alice.id)


QUERIES = ("scope=", "scope=none", "scope=all&scope=all", "scope=process%00", "x=1", "scope[]=a")


@pytest.mark.parametrize("query", QUERIES)
async def test_an_unknown_scope_is_refused(client: httpx.AsyncClient, query: str) -> None:
    response = await client.get(f"/api/health?{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")
