"""Threads and the inbox on each door, told to one's own devices alone; outsiders and the removed see nothing there."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from groups import services as groups
from groups.followers.wakes import wakes
from groups.read_marks import read_marks
from messaging.inbox.follower import ThreadsAndInbox
from tests.cast import Person
from tests.entry_points import http_client, page_entry_point
from tests.messaging.following import entries, handle, name, say
from tests.serving import Server, serving
from tests.socket_client import SocketClient, connected


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def get(server: Server, who: Person, path: str) -> Any:
    async with http_client(server.url, who) as client:
        response = await client.get(path)
        assert response.status_code == 200, response.text
        return response.json()


async def page(server: Server, who: Person, path: str) -> httpx.Response:
    async with page_entry_point(server.url, who, "") as door:
        return await door.client.get(path)


async def scene(alice: Person, bob: Person, group_id: str) -> str:
    """Alice names bob with markup, and they talk in a thread; return its root."""
    root = await say(alice, group_id, f"**look** <b>out</b> {name(bob)}")
    await say(bob, group_id, "aye", to=root)
    await say(alice, group_id, "a <i>reply</i>", to=root)
    await handle(group_id)
    # The server asks no other process for marks that are yet to be written.
    await read_marks().write_all()
    return root


async def test_http_lists_both_with_html_for_who_asks(
    server: Server, alice: Person, bob: Person, group_id: str
) -> None:
    root = await scene(alice, bob, group_id)
    threads = await get(server, bob, "/api/threads?render=html")
    (thread,) = threads["threads"]
    assert (thread["root"]["id"], thread["replyCount"], thread["unread"]) == (root, 2, 1)
    assert "<strong>look</strong> &lt;b&gt;out" in thread["root"]["html"]
    assert "a &lt;i&gt;reply" in thread["lastReply"]["html"]
    inbox = await get(server, bob, "/api/inbox?limit=1&render=html")
    assert (inbox["unread"], inbox["items"][0]["kind"]) == (2, "reply")
    assert "&lt;i&gt;" in inbox["items"][0]["message"]["html"]
    rest = await get(server, bob, f"/api/inbox?cursor={inbox['nextCursor']}")
    assert [item["kind"] for item in rest["items"]] == ["mention"]
    assert "html" not in rest["items"][0]["message"]


async def test_what_is_unread_of_threads_is_told_by_each_door(
    server: Server, alice: Person, bob: Person, group_id: str
) -> None:
    root = await scene(alice, bob, group_id)
    async with connected(server.url, bob, threads=True) as client, connected(server.url, bob) as other:
        reply = await say(alice, group_id, f"{name(bob)} <!all>", to=root)
        seq = int(reply.rpartition(".")[2])
        told = await client.wait_for("user_update", lambda data: data["kind"] == "thread_mentions")
        assert (told["groupId"], told["parentId"], told["mentions"]) == (group_id, root, [seq])
        thread = await client.send("thread_sync", {"groupId": group_id, "parentId": root})
        group = await client.send("thread_sync", {"groupId": group_id})
        read = await client.send("thread_read", {"groupId": group_id, "parentId": root, "seq": seq - 1})
        live = await client.wait_for("message", lambda data: data["id"] == reply)
        assert "threads" not in other.all("ready")[0]
    counts = {"mentions": [seq], "all": 1}
    assert counts.items() <= thread.items()
    assert {"unread": 1, **counts}.items() <= read.items()
    assert (thread["version"], group["unread"], live["namesAll"]) == (read["version"] - 1, 1, True)
    page = await get(server, bob, "/api/threads")
    assert {"unread": 1, **counts}.items() <= page["threads"][0].items()
    sums = {"unreadThreads": 1, "unreadMentions": 1, "unreadAlls": 1}
    assert sums.items() <= page.items()
    async with connected(server.url, bob, threads=True) as client:
        assert client.all("ready")[0]["threads"] == sums


@pytest.mark.parametrize(
    "query",
    [
        *("cursor=nonsense", "cursor=", "limit=0", "limit=1000", "render=xml", "more=1", "cursor=AA", "cursor=YQBi"),
        "cursor=" + "A" * 2100,
    ],
)
@pytest.mark.parametrize("path", ["/api/threads", "/api/inbox"])
async def test_a_wrong_query_is_refused(server: Server, alice: Person, path: str, query: str) -> None:
    async with http_client(server.url, alice) as client:
        response = await client.get(f"{path}?{query}")
        # A cursor of two parts is one of the inbox; one of any text is a place in the list of threads.
        assert response.status_code in ((200, 400) if query.startswith("cursor=") else (400,)), response.text
    if query.startswith("cursor="):
        where = path.removeprefix("/api")
        assert (await page(server, alice, f"{where}?{query}")).status_code in (200, 400)


async def test_pages_show_both_and_no_markup_of_others(
    server: Server, alice: Person, bob: Person, group_id: str
) -> None:
    await scene(alice, bob, group_id)
    for path in ("/inbox", "/threads"):
        text = (await page(server, bob, path)).text
        assert "<strong>look</strong>" in text
        assert "<b>out" not in text
        assert "<i>reply" not in text
        assert '<span data-field="count" data-count="2">2</span><span class="hidden"> unread</span></span>' in text


async def test_the_forms_read_and_follow(server: Server, alice: Person, bob: Person, group_id: str) -> None:
    root = await scene(alice, bob, group_id)
    async with page_entry_point(server.url, bob, group_id) as door:
        token = {"csrfmiddlewaretoken": door.client.cookies["csrftoken"]}
        await door.client.post("/inbox/read", data={**token, "itemIds": root})
        assert (await get(server, bob, "/api/inbox"))["unread"] == 1
        await door.client.post("/inbox/read", data=token)
        assert (await get(server, bob, "/api/inbox"))["unread"] == 0
        await door.client.post(f"/groups/{group_id}/threads/{root}/unfollow", data=token)
        assert (await get(server, bob, "/api/threads"))["threads"] == []
        await door.client.post(f"/groups/{group_id}/threads/{root}/follow", data=token)
        assert (await get(server, bob, f"/api/messages/{root}/thread"))["following"]


def updates(client: SocketClient, kind: str) -> list[dict[str, Any]]:
    drop = {"revision", "kind"}
    found = [data for data in client.all("user_update") if data["kind"] == kind]
    return [{field: value for field, value in data.items() if field not in drop} for data in found]


async def test_sockets_follow_read_and_are_told(server: Server, alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, f"ahoy {name(bob)}")
    async with connected(server.url, bob) as one, connected(server.url, bob) as other:
        # The server's own follower handles it.
        await other.wait_for("user_update", lambda data: data["kind"] == "inbox")
        assert updates(other, "inbox") == [{"change": "added", "itemIds": [root]}]
        assert await one.send("inbox_read", {"itemIds": [root]}) == {"ok": True, "unread": 0}
        await other.wait_for("user_update", lambda data: data.get("change") == "read")
        await one.send("thread_follow", {"messageId": root, "following": False})
        await other.wait_for("user_update", lambda data: data["kind"] == "thread")
        where = {"groupId": group_id, "parentId": root}
        assert updates(other, "thread") == [{**where, "following": False}]
        state = await one.send("thread_sync", where)
        assert state["following"] is False
        await one.send("thread_follow", {"messageId": root, "following": True})
        await one.wait_for("thread_state", lambda data: data["following"])
        reply = await say(alice, group_id, "and now?", to=root)
        await other.wait_for("user_update", lambda data: data.get("replyCount") == 1)
        await other.wait_for("user_update", lambda data: data.get("itemIds") == [reply])
        await one.wait_until(lambda: len(one.all("user_update")) == len(other.all("user_update")))


async def test_what_is_old_tells_nobody_and_is_there(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that follows nothing, and no other one that hears of the group.
    monkeypatch.setattr(wakes(), "mark", lambda group_id: None)
    async with serving({"FOLLOW": "0"}) as quiet, connected(quiet.url, bob) as client:
        await say(alice, group_id, name(bob))
        await ThreadsAndInbox().handle(group_id, await entries(group_id), notify=False)
        await say(alice, group_id, f"again {name(bob)}")
        await ThreadsAndInbox().handle(group_id, await entries(group_id, 3), notify=True)
        await client.wait_for("user_update", lambda data: data["kind"] == "inbox")
        assert len(updates(client, "inbox")) == 1
        assert (await get(quiet, bob, "/api/inbox"))["unread"] == 2


async def test_outsiders_and_the_removed_see_and_hear_nothing(
    server: Server, alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    root = await scene(alice, bob, group_id)
    async with connected(server.url, bob) as client:
        await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
        await client.wait_for("member_update")
        told = len(client.all("user_update"))
        await say(alice, group_id, f"gone? {name(bob)}", to=root)
        await handle(group_id, notify=True)
        direct = await groups.create_direct(actor=alice.actor, user_id=bob.id)
        await say(alice, direct.id, name(bob))
        await client.wait_for("user_update", lambda data: direct.id in str(data))
        assert group_id not in str(client.all("user_update")[told:])
    for who in (bob, charlie):
        for path in ("/api/inbox", "/api/threads", "/inbox", "/threads"):
            async with http_client(server.url, who) as http:
                text = (await page(server, who, path)).text if "api" not in path else (await http.get(path)).text
            assert group_id not in text, path
            assert "look" not in text, path
    async with http_client(server.url, bob) as http:
        read = await http.post("/api/inbox/read", json={"itemIds": [root]})
        assert read.json() == {"unread": 1}
        assert (await http.put(f"/api/messages/{root}/follow")).status_code == 404
