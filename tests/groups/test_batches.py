"""What leaves together in one write of a group's log."""

import asyncio

import pytest

from groups.log import writing
from groups.log.proposal import Append
from tests.cast import Person

from .sending import send_all


class Writes:
    """The writes that were begun, by how many entries each holds."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.begun = asyncio.Event()


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Writes:
    made, write = Writes(), writing.write_appends

    async def counted(appends: list[Append]) -> None:
        made.sizes.append(len(appends))
        made.begun.set()
        await write(appends)

    monkeypatch.setattr(writing, "write_appends", counted)
    return made


async def test_what_comes_at_once_leaves_in_one_write(alice: Person, group_id: str, writes: Writes) -> None:
    await send_all(alice, group_id, [f"c{number}" for number in range(60)])
    assert writes.sizes == [60]


@pytest.mark.parametrize(("behind", "batches"), [(30, [30]), (71, [36, 35]), (300, [100, 100, 100])])
async def test_many_behind_another_write_leave_in_even_ones(
    alice: Person, group_id: str, writes: Writes, behind: int, batches: list[int]
) -> None:
    first = asyncio.create_task(send_all(alice, group_id, ["first"]))
    await writes.begun.wait()
    await send_all(alice, group_id, [f"c{number}" for number in range(behind)])
    await first
    assert writes.sizes == [1, *batches]
