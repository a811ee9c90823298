"""Over HTTP and sockets: what one device keeps is told to the others of its user, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from groups import services as groups
from messaging import services
from tests.cast import Person
from tests.entry_points import ack_code, http_client
from tests.serving import Server, serving
from tests.socket_client import SocketClient, connected


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[list[Server]]:
    async with AsyncExitStack() as stack:
        yield list(await asyncio.gather(*(stack.enter_async_context(serving({})) for _ in range(2))))


@pytest.fixture
async def message(alice: Person, group_id: str) -> dict[str, Any]:
    sent = await services.send_message(actor=alice.actor, group_id=group_id, content="ahoy <@nobody>")
    stored: dict[str, Any] = sent["message"]
    return stored


def told(client: SocketClient, kind: str) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in data.items() if name not in ("revision", "kind")}
        for data in client.all("user_update")
        if data["kind"] == kind
    ]


async def test_a_draft_is_told_to_the_users_other_devices_and_to_nobody_else(
    servers: list[Server], alice: Person, bob: Person, group_id: str
) -> None:
    async with (
        connected(servers[0].url, bob) as here,
        connected(servers[1].url, bob) as there,
        connected(servers[1].url, alice) as other,
        http_client(servers[1].url, bob) as http,
    ):
        first = (await here.send("draft", {"groupId": group_id, "content": "h", "ifVersion": 0}))["draft"]
        await there.wait_for("user_update", lambda data: data["content"] == "h")
        assert told(there, "draft") == [first]
        late = await there.send("draft", {"groupId": group_id, "content": "late", "ifVersion": 0})
        assert ack_code(late) == "version_conflict"
        data = {"groupId": group_id, "content": "he", "ifVersion": first["version"]}
        written = await http.put("/api/drafts", json=data)
        cleared = await http.request(
            "DELETE", f"/api/drafts?groupId={group_id}&ifVersion={written.json()['draft']['version']}"
        )
        await here.wait_for("user_update", lambda data: not data["content"])
        assert told(here, "draft") == [first, written.json()["draft"], cleared.json()["draft"]]
        assert (await http.get("/api/drafts")).json()["drafts"] == [cleared.json()["draft"]]
        (ready,) = there.all("ready")
        assert (await http.get("/api/drafts")).json()["revision"] == ready["revision"] + 3
        # Whatever was told to alice would arrive before what comes after it.
        await here.send("message", {"groupId": group_id, "content": "last"})
        await other.wait_for("message", lambda data: data["content"] == "last")
        assert other.all("user_update") == []


async def test_what_is_saved_is_told_likewise(
    servers: list[Server], bob: Person, group_id: str, message: dict[str, Any]
) -> None:
    async with connected(servers[0].url, bob) as here, http_client(servers[1].url, bob) as http:
        path = f"/api/messages/{message['id']}/saved"
        saved = (await http.post(path, json={"action": "add"})).json()
        await http.post(path, json={"action": "add"})
        page = (await http.get("/api/saved?render=html")).json()
        removed = (await http.post(path, json={"action": "remove"})).json()
        await here.wait_for("user_update", lambda data: not data["saved"])
    assert told(here, "saved") == [saved, removed]
    assert (saved["version"], removed["version"]) == (1, 2)
    (entry,) = page["saved"]
    link = f"/groups/{group_id}/messages/{message['seq']}"
    assert (entry["savedAt"], entry["message"]["link"]) == (saved["savedAt"], link)
    assert entry["message"]["html"].startswith("<p>ahoy")


async def test_a_pin_is_a_change_of_the_log(
    servers: list[Server], alice: Person, bob: Person, group_id: str, message: dict[str, Any]
) -> None:
    async with connected(servers[0].url, alice) as hers, http_client(servers[1].url, bob) as http:
        pinned = (await http.post(f"/api/messages/{message['id']}/pin", json={"action": "add"})).json()
        update = await hers.wait_for("pin_update")
        listed = (await http.get(f"/api/groups/{group_id}/pins?render=html")).json()["messages"]
    assert pinned["pinned"]["userId"] == bob.id
    assert update == {
        "groupId": group_id,
        "seq": message["seq"] + 1,
        "messageId": message["id"],
        "userId": bob.id,
        "action": "add",
        "pinned": pinned["pinned"],
    }
    assert listed[0]["pinned"] == pinned["pinned"]
    assert listed[0]["html"].startswith("<p>ahoy")
    assert listed[0]["link"].endswith(f"/messages/{message['seq']}")


async def test_links_are_in_answers_of_http_and_not_in_frames(
    servers: list[Server], bob: Person, group_id: str
) -> None:
    async with connected(servers[0].url, bob) as socket, http_client(servers[0].url, bob) as http:
        sent = (await http.post("/api/messages", json={"groupId": group_id, "content": "ahoy"})).json()["message"]
        link = f"/groups/{group_id}/messages/{sent['seq']}"
        live = await socket.wait_for("message")
        one = (await http.get(f"/api/messages/{sent['id']}")).json()
        edited = (await http.patch(f"/api/messages/{sent['id']}", json={"content": "ahoy!"})).json()["message"]
        thread = (await http.get(f"/api/messages/{sent['id']}/thread")).json()
        page = (await http.get(f"/api/messages?groupId={group_id}&around={sent['id']}")).json()
        changes = (await http.get(f"/api/messages/changes?groupId={group_id}&since=1")).json()
        synced = await socket.send("thread_sync", {"groupId": group_id, "around": sent["id"]})
    assert live == {name: value for name, value in sent.items() if name != "link"}
    for linked in (sent, one, edited, thread["root"], page["messages"][-1]):
        assert linked["link"] == link
    changed = [change["data"] for change in changes["changes"] if change["event"].startswith("message")]
    assert [data.get("message", data)["link"] for data in changed] == [link] * 2
    assert "link" not in repr(synced)
    assert synced["messages"] == [{name: value for name, value in edited.items() if name != "link"}]


async def test_pages_are_linked(servers: list[Server], bob: Person, group_id: str) -> None:
    async with http_client(servers[0].url, bob) as http:
        sent = [
            (await http.post("/api/messages", json={"groupId": group_id, "content": f"{number}"})).json()["message"]
            for number in range(6)
        ]
        page = await http.get(f"/api/messages?groupId={group_id}&around={sent[3]['id']}&limit=2")
        assert [message["content"] for message in page.json()["messages"]] == ["2", "3"]
        older = await http.get(page.links["next"]["url"])
        assert [message["content"] for message in older.json()["messages"]] == ["0", "1"]
        newer = await http.get(f"/api/messages?groupId={group_id}&after={sent[1]['seq']}&limit=2")
        assert [message["content"] for message in newer.json()["messages"]] == ["2", "3"]
        last = await http.get(newer.links["next"]["url"])
        assert [message["content"] for message in last.json()["messages"]] == ["4", "5"]
        assert "next" not in last.links
        for wrong in ("before=3&after=2", "around=unread&before=3", "after=1&around=unread"):
            assert (await http.get(f"/api/messages?groupId={group_id}&{wrong}")).status_code == 400


async def test_nothing_is_forwarded_from_or_to_where_one_is_not(
    servers: list[Server], charlie: Person, group_id: str, message: dict[str, Any]
) -> None:
    own = await groups.create_group(actor=charlie.actor, name="Mine")
    mine = await services.send_message(actor=charlie.actor, group_id=own.id, content="mine")
    async with http_client(servers[0].url, charlie) as http, connected(servers[0].url, charlie) as socket:
        for message_id, target in ((message["id"], own.id), (mine["message"]["id"], group_id)):
            forwarded = await http.post(f"/api/messages/{message_id}/forward", json={"groupId": target})
            assert forwarded.status_code == 404
            ack = await socket.send("forward_message", {"messageId": message_id, "groupId": target})
            assert ack_code(ack) == "not_found"
        around = await http.get(f"/api/messages?groupId={own.id}&around={message['id']}")
        assert around.status_code == 404
