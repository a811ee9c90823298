"""What leaves together in one write of a group's log."""

import asyncio

import pytest

from groups.log import appender
from groups.log.proposal import Step
from messaging import services
from tests.cast import Person


async def send_many(person: Person, group_id: str, count: int) -> None:
    texts = [f"message {number}" for number in range(count)]
    sends = (services.send_message(actor=person.actor, group_id=group_id, content=text) for text in texts)
    await asyncio.gather(*sends)


class Writes:
    """The writes that were begun, by how many entries each holds."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.begun = asyncio.Event()


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Writes:
    made, write = Writes(), appender._write

    async def counted(steps: list[Step]) -> None:
        made.sizes.append(len(steps))
        made.begun.set()
        await write(steps)

    monkeypatch.setattr(appender, "_write", counted)
    return made


async def test_what_comes_at_once_leaves_in_one_write(alice: Person, group_id: str, writes: Writes) -> None:
    await send_many(alice, group_id, 60)
    assert writes.sizes == [60]


@pytest.mark.parametrize(("behind", "batches"), [(30, [30]), (71, [36, 35]), (300, [100, 100, 100])])
async def test_many_behind_another_write_leave_in_even_ones(
    alice: Person, group_id: str, writes: Writes, behind: int, batches: list[int]
) -> None:
    first = asyncio.create_task(send_many(alice, group_id, 1))
    await writes.begun.wait()
    await send_many(alice, group_id, behind)
    await first
    assert writes.sizes == [1, *batches]
