"""Search on each door of a running server, which indexes what is said while it serves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from groups import services as groups
from messaging import services
from tests.cast import Person
from tests.entry_points import code_of, http_client, page_entry_point
from tests.search.searching import say
from tests.serving import Server, serving
from tests.socket_client import connected
from tests.workspace.cast import the_owner
from workspace.services import deactivate


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({"FOLLOW": "1", "FOLLOW_SWEEP": "5"}) as server:
        yield server


async def eventually(look: Callable[[], Awaitable[Any]], expected: Any) -> None:
    """Wait until a look shows what is expected; a follower that never comes ends it."""
    async with asyncio.timeout(30):
        while (seen := await look()) != expected:
            assert seen is not None
            await asyncio.sleep(0.05)


async def test_each_door_finds_the_same_and_what_has_changed(
    server: Server, alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    message = await say(alice, group_id, "the **quixotic** <b>plan</b>")
    async with http_client(server.url, bob) as http, connected(server.url, bob) as socket:

        async def found(q: str) -> list[str]:
            page = (await http.get("/api/search", params={"q": q})).json()
            return [item["message"]["id"] for item in page["items"]]

        await eventually(lambda: found("QUIXOTIC"), [message])
        over_http = (await http.get("/api/search", params={"q": "quixotic"})).json()
        over_socket = await socket.send("search", {"q": "quixotic"})
        link = over_http["items"][0]["message"].pop("link")
        assert {"ok": True, **over_http} == over_socket
        assert link == f"/groups/{group_id}/messages/{message.rpartition('.')[2]}"
        html = (await http.get("/api/search", params={"q": "quixotic", "render": "html"})).json()
        assert "<strong>quixotic</strong> &lt;b&gt;" in html["items"][0]["message"]["html"]
        async with page_entry_point(server.url, bob, "") as door:
            shown = (await door.client.get("/search", params={"q": "quixotic"})).text
            assert "<mark>quixotic</mark>** &lt;b&gt;plan" in shown
            assert f'href="{link}"' in shown
            refused = await door.client.get("/search", params={"q": "has:luck <i>"})
            assert refused.status_code == 400
            assert "has: takes one of file, image, link, reaction." in refused.text
            assert "has:luck &lt;i&gt;" in refused.text
            assert (await door.client.get("/search")).status_code == 200
        await services.edit_message(actor=alice.actor, message_id=message, content="the sober plan")
        assert await found("quixotic") == []
        await eventually(lambda: found("sober"), [message])
        await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
        assert await found("sober") == []
    async with http_client(server.url, charlie) as outsider:
        nothing = (await outsider.get("/api/search", params={"q": "quixotic plan"})).json()
        assert nothing == {"items": [], "people": [], "files": []}


async def test_who_is_deactivated_finds_nothing_at_any_door(
    server: Server, alice: Person, bob: Person, group_id: str
) -> None:
    message = await say(bob, group_id, "the quixotic plan")
    async with (
        http_client(server.url, bob) as http,
        connected(server.url, bob) as socket,
        page_entry_point(server.url, bob, "") as page,
        http_client(server.url, alice) as hers,
    ):

        async def found(client: httpx.AsyncClient) -> list[str]:
            items = (await client.get("/api/search", params={"q": "quixotic"})).json()["items"]
            return [item["message"]["id"] for item in items]

        await eventually(lambda: found(http), [message])
        await deactivate(actor=(await the_owner()).actor, user_id=bob.id)
        await socket.wait_for("disconnect")
        refused = await http.get("/api/search", params={"q": "quixotic"})
        assert (refused.status_code, code_of(refused)) == (403, "deactivated")
        shown = await page.client.get("/search", params={"q": "quixotic"})
        assert not shown.is_success, shown.text
        assert "plan" not in shown.text
        # What they wrote stays.
        assert await found(hers) == [message]
