"""Searching far back in a log for an earlier send delays nobody else."""

import asyncio
from typing import Any

import pytest

from foundation.errors import Invalid, NotFound, Unavailable
from groups import selectors
from groups.log import appender, earlier_sends, queries, state
from messaging import services
from tests.cast import Person

from .sending import send, send_all


@pytest.fixture(autouse=True)
def _short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "RECENT_ENTRIES", 5)
    monkeypatch.setattr(state, "MAX_REMEMBERED", 20)
    monkeypatch.setattr(earlier_sends, "NEAR_ENTRIES", 10)
    monkeypatch.setattr(earlier_sends, "ENTRIES_A_READ", 14)


class SearchGate:
    """Counts the searches far back, and blocks them until it is opened."""

    def __init__(self) -> None:
        self.begun, self.opened = asyncio.Event(), asyncio.Event()
        self.count = 0
        self._find = queries.find_send

    async def find(self, *args: Any, **kwargs: Any) -> tuple[int | None, int]:
        self.count += 1
        self.begun.set()
        await self.opened.wait()
        return await self._find(*args, **kwargs)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> SearchGate:
    gate = SearchGate()
    monkeypatch.setattr(queries, "find_send", gate.find)
    return gate


async def test_others_can_send_while_a_search_runs(alice: Person, bob: Person, group_id: str, gate: SearchGate) -> None:
    await send_all(alice, group_id, [f"c{number}" for number in range(40)])
    sending = asyncio.create_task(send(bob, group_id, "late", after=0))
    await gate.begun.wait()
    await send_all(alice, group_id, ["meanwhile"])
    gate.opened.set()
    sent = await sending
    assert "duplicate" not in sent
    assert gate.count > 1
    # The result of the search is remembered.
    assert await send(bob, group_id, "late", after=int(sent["message"]["seq"]) - 1) == {**sent, "duplicate": True}


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_retry_of_a_send_far_back_is_recognised(alice: Person, group_id: str, *, restarted: bool) -> None:
    first = await send(alice, group_id, "first", after=1)
    await send_all(alice, group_id, [f"c{number}" for number in range(40)])
    if restarted:
        appender.get_appenders().clear()
    assert await send(alice, group_id, "first", after=1) == {**first, "duplicate": True}


async def test_a_search_reads_a_bounded_part_of_a_long_log(alice: Person, group_id: str, gate: SearchGate) -> None:
    await send_all(alice, group_id, [f"c{number}" for number in range(60)])
    head = await selectors.get_head_position(group_id=group_id)
    gate.opened.set()
    with pytest.raises(Invalid) as refused:
        await send(alice, group_id, "new", after=0)
    assert "after" in (refused.value.fields or {})
    assert gate.count == earlier_sends.MAX_READS
    assert await selectors.get_head_position(group_id=group_id) == head


async def test_a_retry_is_recognised_however_long_the_log_has_become(alice: Person, group_id: str) -> None:
    """The first try is usually soon after `after`, which is where the search begins."""
    first = await send(alice, group_id, "first", after=2)
    await send_all(alice, group_id, [f"c{number}" for number in range(100)])
    assert await send(alice, group_id, "first", after=2) == {**first, "duplicate": True}


async def test_a_send_of_an_outsider_reads_nothing_of_the_log(
    alice: Person, charlie: Person, group_id: str, gate: SearchGate, reads: list[int]
) -> None:
    await send_all(alice, group_id, [f"c{number}" for number in range(40)])
    reads.clear()
    for after in (0, 35, None):
        with pytest.raises(NotFound):
            await send(charlie, group_id, "from outside", after=after)
    assert (gate.count, reads) == (0, [])


async def test_a_read_that_fails_fails_only_its_own_send(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = (await send(alice, group_id, "thread"))["message"]["id"]
    get_entry = queries.get_entry

    async def failing(group_id: str, seq: int) -> Any:
        monkeypatch.setattr(queries, "get_entry", get_entry)
        raise Unavailable

    monkeypatch.setattr(queries, "get_entry", failing)
    reply = asyncio.create_task(
        services.send_message(actor=bob.actor, group_id=group_id, content="reply", parent_id=parent)
    )
    others = await asyncio.gather(send(alice, group_id, "one"), send(bob, group_id, "two"))
    with pytest.raises(Unavailable):
        await reply
    assert [result["message"]["clientId"] for result in others] == ["one", "two"]
