"""A socket's client reads all of a group and of a thread in pages, each of which fits into one packet."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from pytest_django import Settings

from messaging import models, selectors, services
from tests.cast import Person
from tests.serving import Server, serving
from tests.socket_client import connected


async def send(sender: Person, group_id: str, content: str, **more: Any) -> str:
    sent = await services.send_message(actor=sender.actor, group_id=group_id, content=content, **more)
    message_id: str = sent["message"]["id"]
    return message_id


async def pages(actor: Person, **place: Any) -> list[dict[str, Any]]:
    """Read all pages, the newest first, as a client asks for them."""
    read: list[dict[str, Any]] = []
    while not read or read[-1]["hasMore"]:
        before = read[-1]["messages"][0]["seq"] if read else None
        read.append(await selectors.thread_state(actor=actor.actor, before=before, **place))
    return read


def contents(pages: list[dict[str, Any]]) -> list[str]:
    return [message["content"] for page in reversed(pages) for message in page["messages"]]


@pytest.mark.parametrize("in_thread", [False, True])
async def test_all_is_read_page_by_page(alice: Person, bob: Person, group_id: str, *, in_thread: bool) -> None:
    root = await send(alice, group_id, "root")
    texts = [str(number) for number in range(12)]
    for text in texts:
        await send(alice, group_id, text, **({"parent_id": root} if in_thread else {}))
    read = await pages(bob, group_id=group_id, limit=5, **({"parent_id": root} if in_thread else {}))
    assert contents(read) == (texts if in_thread else ["root", *texts])
    assert [len(page["messages"]) for page in read[:-1]] == [5] * (len(read) - 1)


@pytest.mark.parametrize("in_thread", [False, True])
async def test_pages_of_long_messages_fit_into_a_packet(
    alice: Person, group_id: str, settings: Settings, *, in_thread: bool
) -> None:
    settings.MAX_PACKET_BYTES = 40_000
    thread = {"parent_id": await send(alice, group_id, "r" * 9_000)} if in_thread else {}
    texts = [str(number) + "\u00e4" * 4_000 for number in range(12)]
    for text in texts:
        await send(alice, group_id, text, **thread)
    read = await pages(alice, group_id=group_id, limit=100, **thread)
    assert contents(read) == texts
    assert max(len(orjson.dumps(page)) for page in read) < settings.MAX_PACKET_BYTES
    assert 1 < len(read) < len(texts)


async def test_a_message_that_is_larger_than_a_packet_is_a_page_of_its_own(
    alice: Person, group_id: str, settings: Settings
) -> None:
    for text in ("one", "two"):
        await send(alice, group_id, text * 2_000)
    settings.MAX_PACKET_BYTES = 3_000
    read = await pages(alice, group_id=group_id)
    assert contents(read) == ["one" * 2_000, "two" * 2_000]


async def test_the_changes_are_left_out_when_they_do_not_fit_beside_the_page(
    alice: Person, group_id: str, settings: Settings
) -> None:
    for number in range(6):
        await send(alice, group_id, str(number) * 4_000)
    settings.MAX_PACKET_BYTES = 40_000
    state = await selectors.thread_state(actor=alice.actor, group_id=group_id, since=1)
    assert state["reset"]
    assert len(state["messages"]) == 6
    assert len(orjson.dumps(state)) < settings.MAX_PACKET_BYTES


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def test_a_client_reads_a_long_history_over_its_socket(alice: Person, group_id: str, server: Server) -> None:
    """A page of these messages would be 2.4 MB: Python's websockets closes the connection at 1 MB."""
    texts = [f"{number:02d}" + "\U0001f40b" * 9_998 for number in range(60)]
    for text in texts:
        await send(alice, group_id, text)
    read: list[dict[str, Any]] = []
    async with connected(server.url, alice) as client:
        while not read or read[-1]["hasMore"]:
            before = read[-1]["messages"][0]["seq"] if read else models.PAST_END - 1
            read.append(await client.send("thread_sync", {"groupId": group_id, "before": before, "limit": 100}))
    assert contents(read) == texts
