"""Notifications over HTTP and on pages: who may do what, and what a browser gets to see."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bench.notifications.browser import Browser
from tests.cast import Person
from tests.entry_points import http_client, page_entry_point
from tests.messaging.following import say
from tests.messaging.later.conftest import do, reminded
from tests.serving import Server, serving
from tests.workspace.cast import person_of
from users.roles import GUEST

API = "/api/notifications"


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def _add(client: httpx.AsyncClient, endpoint: str) -> httpx.Response:
    return await client.post(f"{API}/devices", json={"endpoint": endpoint, "keys": Browser().keys, "name": "Fox"})


@pytest.mark.parametrize("who", ["alice", "a guest"])
async def test_ones_own_devices(server: Server, who: str, alice: Person, bob: Person) -> None:
    actor = alice if who == "alice" else await person_of(GUEST)
    async with http_client(server.url, actor) as client, http_client(server.url, bob) as other:
        added = await _add(client, f"https://push.example.org/{actor.id}")
        assert added.status_code == 200
        assert added.json().keys() == {"id", "name", "createdAt"}
        id_ = added.json()["id"]
        assert [each["id"] for each in (await client.get(f"{API}/devices")).json()["devices"]] == [id_]
        assert (await other.get(f"{API}/devices")).json() == {"devices": []}
        assert (await other.delete(f"{API}/devices/{id_}")).status_code == 404
        assert (await client.delete(f"{API}/devices/{id_}")).status_code == 204
        assert (await client.post(f"{API}/test")).status_code == 404


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "https://localhost/",
        "http://127.0.0.1:6379/",
        "https://[::1]/",
        "https://push.example.org:8000/",
    ],
)
async def test_no_device_in_a_private_network(server: Server, alice: Person, endpoint: str) -> None:
    async with http_client(server.url, alice) as client:
        response = await _add(client, endpoint)
        assert (response.status_code, list(response.json()["error"]["fields"])) == (400, ["endpoint"])


async def test_settings_and_why(server: Server, alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, "ahoy")
    async with http_client(server.url, bob) as client:
        changed = await client.patch(f"{API}/settings", json={"quietFrom": "22:00", "quietUntil": "07:00"})
        settings = (await client.get(f"{API}/settings")).json()
        assert changed.json() == settings
        assert (settings["quietFrom"], settings["push"], settings["mails"]) == ("22:00", True, False)
        assert len(settings["publicKey"]) == 87
        assert (await client.patch(f"{API}/settings", json={"quietFrom": None, "quietUntil": None})).is_success
        assert "quietFrom" not in (await client.get(f"{API}/settings")).json()
        why = (await client.get(f"{API}/why", params={"messageId": message})).json()
        assert why == {"messageId": message, "told": False, "reason": "not_named", "kept": False}


async def test_why_one_was_reminded(server: Server, alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, "ahoy")
    await do(await reminded(bob, message))
    async with http_client(server.url, bob) as client:
        found = (await client.get(f"{API}/why", params={"messageId": message})).json()
        assert (found["reason"], found["reminder"]["reason"]) == ("not_named", "no_device")
        assert set(found["reminder"]) == {"told", "reason", "decidedAt"}
    async with page_entry_point(server.url, bob, group_id) as door:
        page = (await door.client.get(f"/groups/{group_id}/messages/{message}/why")).text
    assert "You wanted to be reminded of it" in page
    assert "No device took notifications for you." in page


async def test_nobody_without_a_session(server: Server) -> None:
    async with http_client(server.url, None) as client:
        for path in ("settings", "devices", "why?messageId=x"):
            assert (await client.get(f"{API}/{path}")).status_code == 401
        assert (await _add(client, "https://push.example.org/x")).status_code == 401


async def test_the_pages_may_start_one_worker_alone(server: Server, alice: Person, group_id: str) -> None:
    async with page_entry_point(server.url, alice, group_id) as door:
        for path in ("/notifications", f"/groups/{group_id}", "/inbox"):
            page = await door.client.get(path)
            assert f"worker-src {server.url}/service-worker.js" in page.headers["Content-Security-Policy"]
        other = await door.client.get("/profile")
        assert "worker-src" not in other.headers["Content-Security-Policy"]
        worker = await door.client.get("/service-worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert worker.headers["Cache-Control"] == "no-cache"
    assert "default-src 'none'" in worker.headers["Content-Security-Policy"]
