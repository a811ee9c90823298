"""One append that cannot be stored, or whose proposal fails, costs its own caller an error and nobody else."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from dynamodb import store
from foundation.errors import TooLarge, Unavailable
from groups.log import queries, writing
from groups.log.appender import begin_append
from groups.log.proposal import Append, LogView, NoOp, Outcome
from groups.log.state import LogState
from messaging.proposals.send import SendMessageProposal
from tests.cast import Person

from .sending import send

TOO_LARGE = "x" * 450_000


class Bug(Exception):
    pass


class Sending(SendMessageProposal):
    """Sends a message."""

    def __init__(self, actor_id: str, content: str) -> None:
        super().__init__(actor_id, content=content, client_id=None, after=None, parent_seq=None, attachments=[])


class BugInLoad(Sending):
    def load(self, state: LogState) -> Awaitable[None] | None:
        raise Bug


class BugInDecide(Sending):
    def decide(self, view: LogView) -> Append | NoOp:
        raise Bug


class BugInRowWrite(Sending):
    def decide(self, view: LogView) -> Append | NoOp:
        append = super().decide(view)
        assert isinstance(append, Append)

        def write(_: Any) -> None:
            raise Bug

        return replace(append, extra_writes=(write,))


class BugInOutcome(Sending):
    def decide(self, view: LogView) -> Append | NoOp:
        append = super().decide(view)
        assert isinstance(append, Append)

        def make_outcome() -> Outcome:
            raise Bug

        return replace(append, make_outcome=make_outcome)


async def results_of(group_id: str, proposals: list[Sending]) -> list[Any]:
    """Propose all at once, and return each one's content once it is sent, or the class of its error."""
    appending = [begin_append(group_id, proposal) for proposal in proposals]
    results = await asyncio.gather(*appending, return_exceptions=True)
    return [type(result) if isinstance(result, BaseException) else result.content for result in results]


async def stored_contents(group_id: str) -> list[str]:
    """Return the contents of the group's messages in the log's order, checking that it has no hole."""
    entries = await queries.entries_after(group_id, 0)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    return [entry.content for entry in entries if entry.kind == "message"]


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of entries of each write, in order."""
    sizes: list[int] = []
    write = writing.write_appends

    async def counted(appends: list[Append]) -> None:
        sizes.append(len(appends))
        await write(appends)

    monkeypatch.setattr(writing, "write_appends", counted)
    return sizes


@pytest.mark.parametrize("culprits", [{0}, {6}, {12}, {3, 4, 11}, set(range(13))])
async def test_only_the_appends_that_the_store_refuses_fail(alice: Person, group_id: str, culprits: set[int]) -> None:
    contents = [f"m{number}" for number in range(13)]
    proposals = [Sending(alice.id, TOO_LARGE if n in culprits else content) for n, content in enumerate(contents)]
    expected = [TooLarge if n in culprits else content for n, content in enumerate(contents)]
    assert await results_of(group_id, proposals) == expected
    assert await stored_contents(group_id) == [content for content in expected if content is not TooLarge]


@pytest.mark.parametrize("buggy", [BugInLoad, BugInDecide, BugInRowWrite])
async def test_a_bug_in_a_proposal_refuses_that_proposal_only(
    alice: Person, bob: Person, group_id: str, buggy: type[Sending]
) -> None:
    proposals = [Sending(alice.id, "one"), buggy(bob.id, "two"), Sending(alice.id, "three")]
    assert await results_of(group_id, proposals) == ["one", Bug, "three"]
    assert await stored_contents(group_id) == ["one", "three"]


async def test_a_bug_in_building_an_outcome_does_not_hide_that_the_others_are_stored(
    alice: Person, group_id: str
) -> None:
    proposals = [Sending(alice.id, "one"), BugInOutcome(alice.id, "two"), Sending(alice.id, "three")]
    assert await results_of(group_id, proposals) == ["one", Bug, "three"]
    await send(alice, group_id, "four")
    assert await stored_contents(group_id) == ["one", "two", "three", "message four"]


async def test_finding_one_refused_append_of_a_hundred_costs_few_writes(
    alice: Person, group_id: str, sizes: list[int]
) -> None:
    await results_of(group_id, [Sending(alice.id, TOO_LARGE if n == 57 else "fits") for n in range(100)])
    assert len(sizes) <= 15
    sizes.clear()
    await results_of(group_id, [Sending(alice.id, "fits") for _ in range(100)])
    assert sizes == [100]


async def test_a_store_that_is_too_busy_refuses_the_whole_batch_after_one_write(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    async def throttled(appends: list[Append]) -> None:
        sizes.append(len(appends))
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_appends", throttled)
        assert await results_of(group_id, [Sending(alice.id, "fits") for _ in range(10)]) == [Unavailable] * 10
    assert sizes == [10]
    assert await results_of(group_id, [Sending(alice.id, "later")]) == ["later"]


async def test_others_that_write_to_the_group_meanwhile_are_read_and_nothing_is_stored_twice(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, attempts = writing.write_appends, 0

    async def raced(appends: list[Append]) -> None:
        nonlocal attempts
        attempts += 1
        if attempts % 2:
            other = Sending(bob.id, f"elsewhere {attempts}")
            state = await LogState.load(group_id)
            assert state
            assert state.seq + 1 == appends[0].entry.seq
            await state.learn_roles([bob.id])
            decided = other.decide(LogView(state))
            assert isinstance(decided, Append)
            await write([decided])
        await write(appends)

    monkeypatch.setattr(writing, "write_appends", raced)
    proposals = [Sending(alice.id, TOO_LARGE if n == 2 else f"m{n}") for n in range(5)]
    assert await results_of(group_id, proposals) == ["m0", "m1", TooLarge, "m3", "m4"]
    assert [content for content in await stored_contents(group_id) if content.startswith("m")] == [
        "m0",
        "m1",
        "m3",
        "m4",
    ]


async def test_a_batch_is_not_divided_while_an_earlier_write_of_it_may_still_be_made(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, attempts = writing.write_appends, 0

    async def failing(appends: list[Append]) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise store.OutcomeUnknown
        await write(appends)

    monkeypatch.setattr(writing, "write_appends", failing)
    proposals = [Sending(alice.id, content) for content in ("one", TOO_LARGE)]
    assert [issubclass(error, Unavailable) for error in await results_of(group_id, proposals)] == [True, True]
    assert await stored_contents(group_id) == []
