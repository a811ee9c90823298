"""The API and the pages refuse and take the same of a profile, and what is refused changes nothing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.cast import Person, person
from tests.entry_points import OK, code_of, http_client
from tests.media import picture
from tests.serving import Server, serving
from users import selectors, services

STATUS_OF = {OK: 302, "invalid": 400, "too_large": 413, "unauthenticated": 302}
LONG = "x" * 101


@dataclass
class Doors:
    """Alice, whose profile is changed, and her way to the API and to the pages, and nobody's."""

    alice: Person
    api: dict[str, httpx.AsyncClient]
    pages: dict[str, httpx.AsyncClient]

    async def by_api(self, who: str, operation: str, data: dict[str, Any]) -> str:
        match operation:
            case "profile":
                response = await self.api[who].patch("/api/users/me", json=data)
            case "status":
                response = await self.api[who].put("/api/users/me/status", json=data)
            case "clear":
                response = await self.api[who].delete("/api/users/me/status")
            case "remove picture":
                response = await self.api[who].delete("/api/users/me/picture")
            case _:
                files = {"file": ("me.png", data["file"])}
                response = await self.api[who].put("/api/users/me/picture", files=files, data=_square(data))
        return code_of(response)

    async def by_page(self, who: str, operation: str, data: dict[str, Any]) -> int:
        path = {
            "profile": "/profile",
            "status": "/profile/status",
            "clear": "/profile/status/clear",
            "remove picture": "/profile/picture/remove",
            "picture": "/profile/picture",
        }[operation]
        client = self.pages[who]
        fields = {**_square(data), "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        files = {"files": {"file": ("me.png", data["file"])}} if "file" in data else {}
        response = await client.post(path, data=fields, **files)  # type: ignore[arg-type] # httpx takes bytes
        if response.status_code == 302:
            expected = "/profile" if who == "alice" else "/sign-in"
            assert response.headers["location"].startswith(expected)
        return response.status_code


def _square(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "file"}


@pytest.fixture(scope="module")
async def doors() -> AsyncIterator[Doors]:
    alice, bob = await person("Alice"), await person("Bob")
    await services.update_profile(actor=bob.actor, handle=TAKEN)
    server: Server
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving({"RATE_LIMITS": "off"}))
        pages = {}
        for who, cookies in (("alice", {"__session": alice.token}), ("nobody", {})):
            client = httpx.AsyncClient(base_url=server.url, cookies=cookies, timeout=60)
            pages[who] = await stack.enter_async_context(client)
            await client.get("/profile" if cookies else "/sign-in")
        api = {
            who: await stack.enter_async_context(http_client(server.url, one))
            for who, one in (("alice", alice), ("nobody", None))
        }
        yield Doors(alice, api, pages)


TAKEN = "somebody.else"
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("profile", {"name": "Ada Lovelace"}, OK),
    ("profile", {"handle": "ada.at.doors"}, OK),
    ("profile", {"handle": ""}, OK),
    ("profile", {"title": "Analyst", "timeZone": "Europe/London"}, OK),
    ("profile", {"title": "", "timeZone": ""}, OK),
    ("profile", {}, "invalid"),
    ("profile", {"name": " "}, "invalid"),
    ("profile", {"name": "a\u202eb"}, "invalid"),
    ("profile", {"handle": TAKEN}, "invalid"),
    ("profile", {"handle": TAKEN.upper()}, "invalid"),
    ("profile", {"handle": "admin"}, "invalid"),
    ("profile", {"handle": "a"}, "invalid"),
    ("profile", {"handle": "\u0430da"}, "invalid"),
    ("profile", {"title": LONG}, "invalid"),
    ("profile", {"title": "a\u200bb"}, "invalid"),
    ("profile", {"timeZone": "Europe/Atlantis"}, "invalid"),
    ("profile", {"name": "Right", "title": "\u202e"}, "invalid"),
    ("status", {"emoji": "🌴", "text": "On holiday"}, OK),
    ("status", {"text": "On holiday"}, OK),
    ("status", {"emoji": "🌴"}, OK),
    ("status", {}, "invalid"),
    ("status", {"text": LONG}, "invalid"),
    ("status", {"text": "\u2066x"}, "invalid"),
    ("status", {"emoji": "👩\u200d" * 20 + "👩"}, "invalid"),
    ("status", {"emoji": "a b"}, "invalid"),
    ("clear", {}, OK),
    ("picture", {"file": picture(), "left": 0, "top": 0, "side": 5}, OK),
    ("picture", {"file": picture()}, OK),
    ("picture", {"file": b"hello"}, "invalid"),
    ("picture", {"file": picture(), "left": 0}, "invalid"),
    ("picture", {"file": picture(), "left": "x", "top": 0, "side": 5}, "invalid"),
    ("remove picture", {}, OK),
]


def _shown(case: tuple[str, dict[str, Any], str]) -> str:
    operation, data, expected = case
    return f"{operation} {sorted(data)} {repr(list(data.values()))[:30]}: {expected}"


@pytest.mark.parametrize("case", CASES, ids=_shown)
async def test_both_doors_return_the_same(doors: Doors, case: tuple[str, dict[str, Any], str]) -> None:
    operation, data, expected = case
    before = await selectors.get_user(user_id=doors.alice.id)
    assert await doors.by_api("alice", operation, data) == expected
    after = await selectors.get_user(user_id=doors.alice.id)
    assert (after == before) or expected == OK
    # Of a page, an empty form has the fields, all empty.
    assert await doors.by_page("alice", operation, data) == STATUS_OF[expected]
    last = await selectors.get_user(user_id=doors.alice.id)
    if expected != OK:
        assert last == before
    elif operation != "picture":
        assert (last.handle, last.title, last.status, last.name) == (
            after.handle,
            after.title,
            after.status,
            after.name,
        )


@pytest.mark.parametrize("operation", ["profile", "status", "clear", "picture", "remove picture"])
async def test_nobody_gets_in(doors: Doors, operation: str) -> None:
    data: dict[str, Any] = {"file": picture()} if operation == "picture" else {"name": "x", "text": "x"}
    assert await doors.by_api("nobody", operation, data) == "unauthenticated"
    assert await doors.by_page("nobody", operation, data) in (302, 401)
    for path in ("/people", f"/people/{doors.alice.id}", "/profile"):
        response = await doors.pages["nobody"].get(path)
        assert (response.status_code, response.headers["location"][:8]) == (302, "/sign-in")


@pytest.mark.parametrize("path", ["/api/users/me/status", "/api/users/me/picture"])
async def test_an_address_says_what_it_takes(doors: Doors, path: str) -> None:
    described = await doors.api["alice"].request("OPTIONS", path)
    assert (described.status_code, described.headers["allow"]) == (200, "PUT, DELETE, OPTIONS")
    page = await doors.api["alice"].get(path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<form" in page.text


async def test_a_form_of_another_page_is_refused(doors: Doors) -> None:
    client = doors.pages["alice"]
    for path in ("/profile", "/profile/status", "/profile/status/clear", "/profile/picture/remove"):
        response = await client.post(path, data={"name": "Mallory", "text": "x"})
        assert response.status_code == 403
