"""Clients that ask for HTML get it with every message, by every door; all others get what they got before."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_django import Settings

from messaging import services
from messaging.edit_history import fitting, list_versions
from messaging.text.html import MAX_A_TURN, MessageTexts
from tests.cast import Person
from tests.entry_points import http_client
from tests.messaging.test_lossy_layer import lossy
from tests.serving import Server, serving
from tests.socket_client import SocketClient, connected
from tests.wire_client import TRANSPORTS, WireClient

CODE = "```python\nprint('<script>')\n```"
LONG = "- *item* <https://a.b>\n" * 400
TEXTS = ["plain words", "**bold**", CODE, "more words", LONG, "the end"]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def say(who: Person, group_id: str, content: str, **more: Any) -> dict[str, Any]:
    sent = await services.send_message(actor=who.actor, group_id=group_id, content=content, **more)
    message: dict[str, Any] = sent["message"]
    return message


def _shown(message: dict[str, Any]) -> bool:
    html: str = message["html"]
    return html.startswith(("<p>", "<pre><code", "<ul>")) and "<script" not in html


async def test_messages_come_with_html_in_their_order(
    server: Server, alice: Person, bob: Person, group_id: str
) -> None:
    async with connected(server.url, bob, render="html") as shown, connected(server.url, bob) as plain:
        for text in TEXTS:
            await say(alice, group_id, text)
        for client in (shown, plain):
            await client.wait_for("message", lambda message: message["content"] == TEXTS[-1])
        with_html, without = shown.all("message"), plain.all("message")
    assert [message["content"] for message in with_html] == TEXTS
    assert all(map(_shown, with_html))
    assert [{k: v for k, v in message.items() if k != "html"} for message in with_html] == without
    assert all("html" not in message for message in without)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_whatever_the_transport(
    server: Server, alice: Person, bob: Person, group_id: str, transport: str
) -> None:
    client = WireClient(transport)
    try:
        await client.wire.open(server.url, {"token": bob.token, "render": "html"})
        await client.wait_for("ready")
        for text in TEXTS:
            await say(alice, group_id, text)
        await client.wait_for("message", lambda message: message["content"] == TEXTS[-1])
        assert [message["content"] for message in client.all("message")] == TEXTS
        assert all(map(_shown, client.all("message")))
    finally:
        await client.wire.close()


async def test_what_one_asks_for_is_answered_with_html(server: Server, alice: Person, group_id: str) -> None:
    async with connected(server.url, alice, render="html") as client:
        sent = await client.send("message", {"groupId": group_id, "content": CODE})
        message_id = sent["message"]["id"]
        reply = await client.send("message", {"groupId": group_id, "content": "a reply", "parentId": message_id})
        edited = await client.send("edit_message", {"messageId": reply["message"]["id"], "content": "~~no~~"})
        page = await client.send("thread_sync", {"groupId": group_id, "since": 0})
        thread = await client.send("thread_sync", {"groupId": group_id, "parentId": message_id})
        await client.wait_for("message_update", lambda update: _shown(update["message"]))
        await client.send("message", {"groupId": group_id, "content": "again", "parentId": message_id})
        await client.wait_for("thread_state", lambda state: _shown(state["root"]))
    changes = [change["data"] for change in page["changes"] if change["event"] == "message"]
    for message in (sent["message"], edited["message"], *page["messages"], *changes, thread["root"]):
        assert _shown(message)
    assert thread["messages"][0]["html"] == "<p><s>no</s></p>"


async def test_what_a_client_missed_has_html(server: Server, alice: Person, bob: Person, group_id: str) -> None:
    first = await say(alice, group_id, "first")
    for text in TEXTS:
        await say(alice, group_id, text)
    async with connected(server.url, bob, since={group_id: first["seq"]}, render="html") as client:
        await client.wait_for("message", lambda message: message["content"] == TEXTS[-1])
        assert [message["content"] for message in client.all("message")] == TEXTS
        assert all(map(_shown, client.all("message")))


async def test_names_are_those_of_today(server: Server, alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, f"ask <@{bob.id}>, <@user_nobody> or <!all>")
    async with http_client(server.url, alice) as client:
        read = (await client.get(f"/api/messages/{message['id']}", params={"render": "html"})).json()
    named = f'<span class="mention" data-mention="@{bob.id}">@{bob.actor.name}</span>'
    everybody = '<span class="mention" data-mention="!all">@all</span>'
    assert read["html"] == f"<p>ask {named}, &lt;@user_nobody&gt; or {everybody}</p>"
    assert read["mentions"] == {"userIds": [bob.id], "all": True}


async def test_every_address_that_has_messages_has_html(server: Server, alice: Person, group_id: str) -> None:
    root = await say(alice, group_id, "a *root*")
    reply = await say(alice, group_id, CODE, parent_id=root["id"])
    await services.edit_message(actor=alice.actor, message_id=reply["id"], content="~~no~~")
    gone = await say(alice, group_id, "to be deleted")
    await services.delete_message(actor=alice.actor, message_id=gone["id"])
    async with http_client(server.url, alice) as client:

        async def get(path: str, **query: Any) -> Any:
            plain = await client.get(path, params=query)
            shown = await client.get(path, params={**query, "render": "html"})
            assert plain.status_code == shown.status_code == 200, shown.text
            assert '"html"' not in plain.text
            assert (await client.get(path, params={**query, "render": "pdf"})).status_code == 400
            return shown.json()

        page = await get("/api/messages", groupId=group_id)
        thread = await get(f"/api/messages/{root['id']}/thread")
        one = await get(f"/api/messages/{reply['id']}")
        changes = (await get("/api/messages/changes", groupId=group_id, since=0))["changes"]
        versions = (await get(f"/api/messages/{reply['id']}/history"))["versions"]
    assert [message.get("html") for message in page["messages"]] == ["<p>a <em>root</em></p>", None]
    assert thread["root"]["html"] == "<p>a <em>root</em></p>"
    assert thread["messages"][0]["html"] == one["html"] == versions[1]["html"] == "<p><s>no</s></p>"
    assert versions[0]["html"].startswith("<pre>")
    found = json.dumps(changes)
    assert found.count('"html"') == sum(name in ("message", "message_update") for name in _names(changes)) - 1


async def test_what_is_sent_edited_and_forwarded_has_html_for_who_asks(
    server: Server, alice: Person, group_id: str
) -> None:
    data = {"groupId": group_id, "content": "an *answer*"}
    async with http_client(server.url, alice) as client:
        plain = (await client.post("/api/messages", json=data)).json()["message"]
        path = f"/api/messages/{plain['id']}"
        sent = await client.post("/api/messages?render=html", json=data)
        edited = await client.patch(f"{path}?render=html", json={"content": "~~no~~"})
        forwarded = await client.post(f"{path}/forward?render=html", json={"groupId": group_id})
        wrong = [
            await client.post("/api/messages?render=pdf", json=data),
            await client.post("/api/messages?render=html&render=html", json=data),
            await client.post("/api/messages?before=1", json=data),
            await client.patch(f"{path}?content=x", json={"content": "other"}),
        ]
    assert "html" not in plain
    assert sent.json()["message"]["html"] == "<p>an <em>answer</em></p>"
    assert edited.json()["message"]["html"] == "<p><s>no</s></p>"
    assert "<s>no</s>" in forwarded.json()["message"]["html"]
    assert {response.status_code for response in wrong} == {400}


async def test_messages_in_changes_have_their_link(server: Server, alice: Person, group_id: str) -> None:
    first = await say(alice, group_id, "first")
    await services.edit_message(actor=alice.actor, message_id=first["id"], content="second")
    await services.delete_message(actor=alice.actor, message_id=first["id"])
    async with http_client(server.url, alice) as client:
        changes = (await client.get(f"/api/messages/changes?groupId={group_id}&since=0")).json()["changes"]
    shown = [change["data"].get("message", change["data"]) for change in changes if "message" in change["event"]]
    assert [message["link"] for message in shown] == [f"/groups/{group_id}/messages/{first['seq']}"] * 3


async def test_a_history_is_answered_as_far_as_it_fits_into_a_packet(
    server: Server, bob: Person, group_id: str, settings: Settings
) -> None:
    message = await say(bob, group_id, "first")
    for text in ("second", "*third*"):
        await services.edit_message(actor=bob.actor, message_id=message["id"], content=text)
    async with connected(server.url, bob, render="html") as client:
        ack = await client.send("message_history", {"messageId": message["id"]})
    assert [version["content"] for version in ack["versions"]] == ["first", "second", "*third*"]
    assert ack["versions"][2]["html"] == "<p><em>third</em></p>"
    assert "hasMore" not in ack
    settings.MAX_PACKET_BYTES = 1_300
    answer = fitting(await list_versions(actor=bob.actor, message_id=message["id"]))
    assert [version["content"] for version in answer["versions"]] == ["second", "*third*"]
    assert answer["hasMore"]


def _names(changes: list[dict[str, Any]]) -> list[str]:
    return [change["event"] for change in changes]


async def test_a_page_of_the_longest_messages_fits_into_a_packet(server: Server, alice: Person, group_id: str) -> None:
    for number in range(30):
        await services.send_message(actor=alice.actor, group_id=group_id, content=f"{number}" + " \"<&>'" * 1660)
    async with connected(server.url, alice, render="html") as client:
        page = await client.send("thread_sync", {"groupId": group_id, "limit": 100, "since": 0})
        assert page["ok"]
        assert page["hasMore"]
        assert page["reset"]
        assert all(map(_shown, page["messages"]))


@pytest.mark.parametrize("render", ["text", "", 1, ["html"], {}])
async def test_anything_else_is_refused(server: Server, alice: Person, render: object) -> None:
    from socketio.exceptions import ConnectionError as Refused

    client = SocketClient()
    with pytest.raises(Refused):
        await client.open(server.url, alice, render=render)


async def test_many_texts_at_once_are_rendered_in_several_turns_of_the_loop() -> None:
    texts = MessageTexts()
    messages = [{"id": f"group_1.{seq}", "version": 1, "content": f"**{seq}**"} for seq in range(1, 3 * MAX_A_TURN)]
    assert sum(texts.find(message) is not None for message in messages) == MAX_A_TURN
    found = {message["id"]: texts.find(message) for message in messages}
    assert sum(html is not None for html in found.values()) == MAX_A_TURN
    await asyncio.sleep(0)
    assert sum(texts.find(message) is not None for message in messages) == 2 * MAX_A_TURN


async def test_a_gap_of_many_texts_is_healed_in_order(alice: Person, bob: Person, group_id: str) -> None:
    async with (
        serving(lossy(1, faults="drop", ROOM_CHECK_INTERVAL="0.5")) as server,
        connected(server.url, bob, render="html") as client,
    ):
        for number in range(5 * MAX_A_TURN):
            await say(alice, group_id, f"*{number}*")
        last = f"*{5 * MAX_A_TURN - 1}*"
        await client.wait_for("message", lambda message: message["content"] == last)
        shown = [message["html"] for message in client.all("message")]
    assert shown == [f"<p><em>{number}</em></p>" for number in range(5 * MAX_A_TURN)]
