"""Outsiders, guests, deactivated and blocked people at every door of the server: a new door joins the tables."""

import json
from base64 import b64encode
from typing import Any

import httpx
import pytest

from tests.cast import Person
from tests.entry_points import ack_code, code_of, http_client, page_entry_point, refusal_of
from tests.media import picture
from tests.serving import Server
from tests.socket_client import connected

from . import walking
from .api import API
from .api_of_administration import ADMINISTRATION, SIGN_OUT
from .api_of_plans import PLANS
from .door import NOT_FOUND, PUBLIC, Door, Names, alike
from .events import EVENTS
from .pages import PAGES
from .pages import SIGN_OUT as SIGN_OUT_OF_PAGES
from .scene import Apart, Scene

OPERATIONS = {**API, **PLANS, **ADMINISTRATION}
ALL_PAGES = {**PAGES, **SIGN_OUT_OF_PAGES}
_TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Offset": "0"}
_PART = {"Content-Type": "application/offset+octet-stream"}


# --- the tables ------------------------------------------------------------------------------------------------------
def test_every_operation_is_in_the_table() -> None:
    assert sorted(walking.api_doors() ^ {*OPERATIONS, *SIGN_OUT}) == []


def test_every_page_is_in_the_table() -> None:
    assert sorted(walking.page_names() ^ {door.partition(" ")[2] for door in ALL_PAGES}) == []


def test_every_event_is_in_the_table() -> None:
    assert sorted(walking.events() ^ EVENTS.keys()) == []


async def test_pages_take_no_method_that_is_not_in_the_table(server: Server, scene: Scene) -> None:
    async with page_entry_point(server.url, scene.outsider, scene.real["group"]) as browser:
        for name in sorted(walking.page_names()):
            known = [method for method in walking.METHODS if f"{method} {name}" in ALL_PAGES]
            for method in sorted(set(walking.METHODS) - set(known)):
                path, _ = ALL_PAGES[f"{known[0]} {name}"].filled(scene.real)
                token = {"X-CSRFToken": browser.client.cookies["csrftoken"]}
                response = await browser.client.request(method, path, headers=token)
                assert response.status_code == 405, f"{method} {name}"


# --- requests --------------------------------------------------------------------------------------------------------
async def ask(client: httpx.AsyncClient, name: str, door: Door, names: Names) -> httpx.Response:
    method, (path, data) = name.partition(" ")[0], door.filled(names)
    return await client.request(method, path, **_arguments(name, data))


def _arguments(name: str, data: Any) -> dict[str, Any]:
    if "upload" in name and not isinstance(data, dict):
        metadata = {"Upload-Metadata": f"groupId {b64encode(data.encode()).decode()}"} if "uploads" in name else {}
        part = {"headers": {**_TUS, **_PART}, "content": data} if name.startswith("PATCH") else {}
        return {"headers": {**_TUS, **metadata}, **part}
    if isinstance(data, dict) and "file" in data:
        rest = {key: value for key, value in data.items() if key != "file"}
        return {"data": rest, "files": {"file": ("a.jpg", picture(), "image/jpeg")}}
    return {} if data is None else {"json": data}


def _code(response: httpx.Response) -> str:
    if response.request.method == "HEAD":
        return "ok" if response.is_success else {404: NOT_FOUND, 403: "deactivated"}.get(response.status_code, "other")
    return code_of(response)


def _require_as_told(answers: dict[str, tuple[str, str]]) -> None:
    if wrong := [f"{name}: {got} instead of {told}" for name, (got, told) in answers.items() if got != told]:
        pytest.fail("\n".join(wrong))


async def test_an_outsider_gets_of_the_api_what_the_table_says(server: Server, scene: Scene) -> None:
    await _try_all(server, scene, scene.outsider, "outsider", scene.secrets)


async def test_a_guest_gets_of_the_api_what_the_table_says(server: Server, scene: Scene) -> None:
    await _try_all(server, scene, scene.guest, "guest", [*scene.secrets, *scene.secrets_of_people])


async def _try_all(server: Server, scene: Scene, who: Person, kind: str, secrets: list[str]) -> None:
    answers = {}
    async with http_client(server.url, who) as client:
        for name, door in OPERATIONS.items():
            if (told := getattr(door, kind)) == PUBLIC:
                continue
            absent = await ask(client, name, door, scene.absent) if door.names_something else None
            real = await ask(client, name, door, scene.real)
            answers[name] = (f"{_code(real)} {real.text[:200]}" if _code(real) != told else told), told
            assert not [text for text in secrets if text in real.text.replace(str(real.url), "")], (name, real.text)
            if absent is not None and (told == NOT_FOUND or kind == "guest"):
                assert alike(real.text, scene.real) == alike(absent.text, scene.absent), name
                assert real.status_code == absent.status_code, name
    _require_as_told(answers)


async def test_alice_finds_what_the_others_search_for(server: Server, scene: Scene) -> None:
    async with http_client(server.url, scene.alice) as client:
        found = await ask(client, "GET search", OPERATIONS["GET search"], scene.real)
    assert [item["message"]["id"] for item in found.json()["items"]] == [scene.real["message"]]


async def test_who_signs_out_of_the_api_gets_nothing_from_then_on(server: Server, scene: Scene) -> None:
    async with http_client(server.url, scene.leaving) as client:
        for name, door in SIGN_OUT.items():
            assert _code(await ask(client, name, door, scene.real)) == door.outsider
            assert _code(await client.get("/api/users/me")) == "token_expired"


async def test_who_is_deactivated_gets_nothing_of_the_api(server: Server, scene: Scene) -> None:
    answers = {}
    async with http_client(server.url, scene.deactivated) as client:
        for name, door in {**OPERATIONS, **SIGN_OUT}.items():
            if door.deactivated != PUBLIC:
                answers[name] = _code(await ask(client, name, door, scene.real)), door.deactivated
    _require_as_told(answers)


async def test_who_is_blocked_gets_what_anybody_gets(server: Server, apart: Apart) -> None:
    answers = {}
    async with http_client(server.url, apart.bob) as client:
        for name, door in _ended_last(OPERATIONS):
            if door.names_something:
                got, anybody = [_code(await ask(client, name, door, who)) for who in (apart.of_alice, apart.of_carol)]
                answers[name] = got, door.blocked or anybody
                assert door.blocked != anybody, name
    _require_as_told(answers)


def _ended_last(doors: dict[str, Door]) -> list[tuple[str, Door]]:
    """Return the doors with those last by which bob leaves what he is in."""
    return sorted(doors.items(), key=lambda item: item[0] == "POST leave")


# --- pages -----------------------------------------------------------------------------------------------------------
async def _open(browser: httpx.AsyncClient, name: str, door: Door, names: Names) -> httpx.Response:
    path, form = door.filled(names)
    if name.startswith("GET"):
        return await browser.get(path)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    files = {"file": ("a.jpg", picture(), "image/jpeg")} if form.pop("file", None) else None
    return await browser.post(path, data={**form, **token}, files=files)


def _status(response: httpx.Response) -> str:
    return "sign-in" if "/sign-in" in response.headers.get("Location", "") else str(response.status_code)


@pytest.mark.parametrize("kind", ["outsider", "guest"])
async def test_a_page_answers_as_the_table_says(server: Server, scene: Scene, kind: str) -> None:
    who = scene.guest if kind == "guest" else scene.outsider
    secrets = [*scene.secrets, *(scene.secrets_of_people if kind == "guest" else ())]
    answers = {}
    async with page_entry_point(server.url, who, scene.real["group"]) as browser:
        for name, door in PAGES.items():
            if (told := getattr(door, kind)) == PUBLIC:
                continue
            absent = await _open(browser.client, name, door, scene.absent) if door.names_something else None
            real = await _open(browser.client, name, door, scene.real)
            answers[name] = _status(real), told
            typed = json.dumps(door.filled(scene.real))
            assert not [text for text in secrets if text in real.text and text not in typed], name
            if absent is not None and (told == "404" or kind == "guest"):
                assert _status(real) == _status(absent), name
    _require_as_told(answers)


async def test_who_is_deactivated_gets_no_page(server: Server, scene: Scene) -> None:
    answers = {}
    async with page_entry_point(server.url, None, scene.real["group"]) as browser:
        browser.client.cookies["__session"] = scene.deactivated.token
        for name, door in ALL_PAGES.items():
            if door.deactivated != PUBLIC:
                answers[name] = _status(await _open(browser.client, name, door, scene.real)), door.deactivated
                browser.client.cookies["__session"] = scene.deactivated.token
    _require_as_told(answers)


async def test_who_is_blocked_gets_the_pages_that_anybody_gets(server: Server, apart: Apart) -> None:
    answers = {}
    async with page_entry_point(server.url, apart.bob, apart.of_alice["group"]) as browser:
        for name, door in _ended_last(PAGES):
            if door.names_something:
                got, anybody = [
                    _status(await _open(browser.client, name, door, who)) for who in (apart.of_alice, apart.of_carol)
                ]
                answers[name] = got, door.blocked or anybody
                assert door.blocked != anybody, name
    _require_as_told(answers)


# --- sockets ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["outsider", "guest"])
async def test_an_event_is_answered_as_the_table_says(server: Server, scene: Scene, kind: str) -> None:
    who = scene.guest if kind == "guest" else scene.outsider
    answers = {}
    async with connected(server.url, who) as socket:
        for name, door in EVENTS.items():
            real, absent = [
                await socket.send(name, door.filled({**names, "ownToken": who.token})[1])
                for names in (scene.real, scene.absent)
            ]
            answers[name] = ack_code(real), getattr(door, kind)
            assert ack_code(real) != NOT_FOUND or real == absent, name
        said = json.dumps(socket.events)
    _require_as_told(answers)
    assert not [text for text in (*scene.secrets, scene.real["group"]) if text in said]


async def test_who_is_deactivated_is_refused_a_socket(server: Server, scene: Scene) -> None:
    assert await refusal_of(server.url, scene.deactivated) == "deactivated"


async def test_an_event_of_who_is_blocked_is_answered_as_anybodys(server: Server, apart: Apart) -> None:
    answers = {}
    async with connected(server.url, apart.bob) as socket:
        for name, door in EVENTS.items():
            got, anybody = [
                ack_code(await socket.send(name, door.filled({**names, "ownToken": apart.bob.token})[1]))
                for names in (apart.of_alice, apart.of_carol)
            ]
            answers[name] = got, door.blocked or anybody
    _require_as_told(answers)
