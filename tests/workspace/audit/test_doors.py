"""The doors of the audit log are for administrators alone, take no bad input, and stream an export."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from tests.cast import Person, person
from tests.entry_points import http_client
from tests.serving import Server, serving
from workspace import audit

from .reading import acts


@dataclass(frozen=True)
class Scene:
    """A server that alice administers; `thing` is what some acts are about."""

    server: Server
    alice: Person
    bob: Person
    thing: str


@pytest.fixture(scope="module")
async def scene() -> AsyncIterator[Scene]:
    alice, bob = [await person(name) for name in ("Alice", "Bob <i>")]
    thing = f"thing_{uuid4().hex}"
    for number in range(3):
        await audit.record("thing.move", by=bob.actor, thing=thing, number=number, user=alice.id)
    async with serving({"ADMINS": alice.id}) as server:
        yield Scene(server, alice, bob, thing)


def browser(scene: Scene, who: Person | None) -> httpx.AsyncClient:
    cookies = {"__session": who.token} if who else {}
    return httpx.AsyncClient(base_url=scene.server.url, cookies=cookies, timeout=30)


DOORS = ("/api/workspace/audit", "/api/workspace/audit/export", "/audit")


@pytest.mark.parametrize("path", DOORS)
async def test_nobody_but_administrators_comes_in(scene: Scene, path: str) -> None:
    async with browser(scene, scene.bob) as bob, browser(scene, None) as nobody:
        refused, unknown = await bob.get(path), await nobody.get(path)
        assert refused.status_code == 403
        assert scene.thing not in refused.text
        assert unknown.status_code == (302 if path == "/audit" else 401)
    async with browser(scene, scene.alice) as alice:
        assert (await alice.get(path)).status_code == 200
        assert (await alice.post(path)).status_code in (403, 405)


async def test_pages_of_the_api_go_to_the_end(scene: Scene) -> None:
    async with http_client(scene.server.url, scene.alice) as alice:
        found, query = [], {"about": scene.thing, "act": "thing.", "limit": "2"}
        while True:
            response = await alice.get("/api/workspace/audit", params=query)
            page = response.json()
            found += page["acts"]
            if "nextCursor" not in page:
                break
            assert 'rel="next"' in response.headers["link"]
            query["cursor"] = page["nextCursor"]
    assert [act["about"]["number"] for act in found] == [2, 1, 0]
    assert {act["by"] for act in found} == {scene.bob.id}


@pytest.mark.parametrize(
    "query",
    [
        *("cursor=nonsense", "limit=0", "limit=201", "limit=x", "before=yesterday", "after=2026-13-01T00:00:00Z"),
        *("act=", f"act={'x' * 101}", f"by={'x' * 129}", "who=me", "by=a&by=b"),
    ],
)
async def test_bad_input_is_refused(scene: Scene, query: str) -> None:
    async with http_client(scene.server.url, scene.alice) as alice:
        response = await alice.get(f"/api/workspace/audit?{query}")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid"


@pytest.mark.parametrize("value", ["a#b", "%00", "\U0001f600", "' OR 1=1", "9999-12-31T23:59:59.999Z#x"])
async def test_hostile_filters_find_nothing(scene: Scene, value: str) -> None:
    async with http_client(scene.server.url, scene.alice) as alice:
        for name in ("act", "by", "about"):
            response = await alice.get("/api/workspace/audit", params={name: value})
            assert response.status_code in (200, 400), response.text
            assert response.json().get("acts", []) == []


async def test_an_export_is_lines_of_json_and_noted(scene: Scene) -> None:
    async with http_client(scene.server.url, scene.alice) as alice:
        response = await alice.get(f"/api/workspace/audit/export?about={scene.thing}&act=thing.")
        assert (await alice.head("/api/workspace/audit/export")).status_code == 405
    assert response.headers["content-type"] == "application/x-ndjson"
    assert "attachment" in response.headers["content-disposition"]
    assert [json.loads(line)["about"]["number"] for line in response.text.splitlines()] == [2, 1, 0]
    exports = await acts(act="audit.export", about=scene.thing)
    assert [act.by for act in exports] == [scene.alice.id]
    # Where it was asked from, and in which session.
    assert (exports[0].address, exports[0].session) == ("127.0.0.1", scene.alice.actor.session_id)


async def test_the_page_names_people_and_escapes_them(scene: Scene) -> None:
    async with browser(scene, scene.alice) as alice:
        page = (await alice.get(f"/audit?about={scene.thing}")).text
        assert page.count("thing.move") >= 3
        assert "Bob &lt;i&gt;" in page
        assert scene.alice.actor.name in page
        assert f"/api/workspace/audit/export?about={scene.thing}" in page
        assert (await alice.get("/audit?before=2026-01-01&after=2025-12-01")).status_code == 200
        assert (await alice.get("/audit?cursor=nonsense")).status_code == 400
