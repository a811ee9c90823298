"""Which proposals are stored together in one write of a group's log."""

import asyncio

import pytest

from groups.log import writing
from groups.log.proposal import Append
from tests.cast import Person

from .sending import send_all


class Writes:
    """Counts the entries of each write; `begun` is set by the first."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.begun = asyncio.Event()


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Writes:
    writes, write = Writes(), writing.write_appends

    async def counted(appends: list[Append]) -> None:
        writes.sizes.append(len(appends))
        writes.begun.set()
        await write(appends)

    monkeypatch.setattr(writing, "write_appends", counted)
    return writes


async def test_messages_sent_at_once_are_stored_in_one_write(alice: Person, group_id: str, writes: Writes) -> None:
    await send_all(alice, group_id, [f"c{number}" for number in range(60)])
    assert writes.sizes == [60]


@pytest.mark.parametrize(("following", "batches"), [(30, [30]), (71, [36, 35]), (300, [100, 100, 100])])
async def test_many_messages_behind_a_write_are_stored_in_even_batches(
    alice: Person, group_id: str, writes: Writes, following: int, batches: list[int]
) -> None:
    first = asyncio.create_task(send_all(alice, group_id, ["first"]))
    await writes.begun.wait()
    await send_all(alice, group_id, [f"c{number}" for number in range(following)])
    await first
    assert writes.sizes == [1, *batches]
