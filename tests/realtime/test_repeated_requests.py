"""A polling request that is repeated on the way gets the same response, and is handled once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest

from messaging import selectors, services
from tests.cast import Person
from tests.serving import Server, serving
from tests.socket_client import TIMEOUT

from .test_relay import QUERY, delivered


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    # Without presence: the only events are those of the tests.
    async with serving({"PRESENCE_MAX_MEMBERS": "0"}) as server:
        yield server


@dataclass
class Poller:
    """A connected polling client that stamps its requests; `sid` is its session's."""

    http: httpx.AsyncClient
    sid: str

    async def get(self, stamp: str, at: Server | None = None) -> str:
        response = await self.http.get(f"{at.url if at else ''}{QUERY}polling&sid={self.sid}&t={stamp}")
        assert response.is_success, response.text
        return response.text

    async def post(self, stamp: str, packet: str) -> str:
        return (await self.http.post(f"{QUERY}polling&sid={self.sid}&t={stamp}", content=packet)).text


@pytest.fixture
async def poller(server: Server, alice: Person, group_id: str) -> AsyncIterator[Poller]:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=TIMEOUT))
        poller = Poller(http, json.loads((await http.get(QUERY + "polling")).text[1:])["sid"])
        await poller.post("c.0", f"40{json.dumps({'token': alice.token})}")
        number = 0
        while '["ready",' not in await poller.get(f"p.{number}"):
            number += 1
        yield poller


async def send_as(who: Person, group_id: str, content: str) -> None:
    await services.send_message(actor=who.actor, group_id=group_id, content=content)


async def test_a_repeated_get_gets_the_response_of_the_first(poller: Poller, bob: Person, group_id: str) -> None:
    await send_as(bob, group_id, "once")
    first = await poller.get("x.1")
    assert '"content":"once"' in first
    await send_as(bob, group_id, "and more")
    assert await poller.get("x.1") == first
    assert '"content":"and more"' in await poller.get("x.2")


async def test_a_get_that_is_repeated_while_it_waits_shares_the_response(
    poller: Poller, bob: Person, group_id: str
) -> None:
    both = [asyncio.create_task(poller.get("x.1")) for _ in range(2)]
    await asyncio.wait(both, timeout=0.2)
    await send_as(bob, group_id, "for both")
    responses = await asyncio.gather(*both)
    assert '"content":"for both"' in responses[0]
    assert responses[0] == responses[1]


async def test_a_repeated_post_is_handled_once(poller: Poller, alice: Person, group_id: str) -> None:
    event = f"42{json.dumps(['message', {'groupId': group_id, 'content': 'only once'}])}"
    assert [await poller.post("x.1", event) for _ in range(3)] == ["ok"] * 3
    assert '"content":"only once"' in await poller.get("y.1")
    page = await selectors.list_messages(actor=alice.actor, group_id=group_id)
    assert [message["content"] for message in page.messages] == ["only once"]


async def test_a_stamp_of_digits_does_not_count(poller: Poller, bob: Person, group_id: str) -> None:
    for content in ("in one", "second"):
        await send_as(bob, group_id, content)
        assert f'"content":"{content}"' in await poller.get("1764034573")


async def test_a_response_that_was_lost_with_its_relay_comes_again_when_the_get_is_repeated(
    server: Server, poller: Poller, bob: Person, group_id: str
) -> None:
    async with serving({}) as relay:
        async with delivered(b"x.1"):
            lost = asyncio.create_task(poller.get("x.1", at=relay))
        relay.process.suspend()
        async with delivered(b"not lost"):
            await send_as(bob, group_id, "not lost")
        relay.process.kill()
        with pytest.raises(httpx.TransportError):
            await lost
        assert '"content":"not lost"' in await poller.get("x.1")
        await send_as(bob, group_id, "next")
        assert '"content":"next"' in await poller.get("x.2")
