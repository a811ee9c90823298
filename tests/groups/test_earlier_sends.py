"""Who asks for a long way back in a log waits for it alone."""

import asyncio
from typing import Any

import pytest

from foundation.errors import NotFound, Unavailable
from groups.log import appender, earlier_sends, queries, state
from messaging import services
from tests.cast import Person

from .sending import send, send_all


@pytest.fixture(autouse=True)
def _short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "RECENT_ENTRIES", 5)
    monkeypatch.setattr(state, "_MAX_REMEMBERED", 20)
    monkeypatch.setattr(earlier_sends, "_NEAR", 10)
    monkeypatch.setattr(earlier_sends, "_ENTRIES_A_READ", 7)


class Search:
    """Holds what reads far back until it is opened."""

    def __init__(self) -> None:
        self.begun, self.opened = asyncio.Event(), asyncio.Event()
        self.made = 0
        self._find = queries.find_send

    async def find(self, *args: Any, **given: Any) -> int | None:
        self.made += 1
        self.begun.set()
        await self.opened.wait()
        return await self._find(*args, **given)


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Search:
    made = Search()
    monkeypatch.setattr(queries, "find_send", made.find)
    return made


async def test_others_send_while_somebody_looks_far_back(
    alice: Person, bob: Person, group_id: str, search: Search
) -> None:
    await send_all(alice, group_id, [f"c{number}" for number in range(40)])
    looking = asyncio.create_task(send(bob, group_id, "late", after=0))
    await search.begun.wait()
    await send_all(alice, group_id, ["meanwhile"])
    search.opened.set()
    answer = await looking
    assert "duplicate" not in answer
    assert search.made > 1
    # What was looked through is not looked through again.
    assert await send(bob, group_id, "late", after=int(answer["message"]["seq"]) - 1) == {**answer, "duplicate": True}


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_retry_from_far_back_is_recognised(alice: Person, group_id: str, *, restarted: bool) -> None:
    first = await send(alice, group_id, "first", after=1)
    await send_all(alice, group_id, [f"c{number}" for number in range(40)])
    if restarted:
        appender.get_appenders().clear()
    assert await send(alice, group_id, "first", after=1) == {**first, "duplicate": True}


async def test_nobody_outside_makes_the_log_be_read(
    alice: Person, charlie: Person, group_id: str, search: Search, reads: list[int]
) -> None:
    await send_all(alice, group_id, [f"c{number}" for number in range(40)])
    reads.clear()
    for after in (0, 35, None):
        with pytest.raises(NotFound):
            await send(charlie, group_id, "from outside", after=after)
    assert (search.made, reads) == (0, [])


async def test_a_read_that_fails_costs_nobody_else_the_answer(
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
    beside = await asyncio.gather(send(alice, group_id, "beside"), send(bob, group_id, "too"))
    with pytest.raises(Unavailable):
        await reply
    assert [answer["message"]["clientId"] for answer in beside] == ["beside", "too"]
