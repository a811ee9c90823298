"""A room's memory is bounded, and has nothing of what was replaced since."""

import asyncio

import pytest

from realtime.hub.change import Change
from realtime.hub.missed_changes import MissedChanges
from realtime.hub.room_memory import MAX_REWRITTEN, RING_SIZE

from .test_room import Log, change, loaded_room

pytestmark = pytest.mark.unit


def as_of(latest: int, seq: int) -> bytes:
    return b'{"seq":%d,"now":%d}' % (seq, latest)


async def test_changes_of_a_rewritten_entry_are_replaced_in_memory_and_no_others() -> None:
    room = await loaded_room(Log(9))
    room.receive([change(1), change(2), change(3, target=1), change(4, target=2)])
    assert [c.data for c in room.changes_after(0) or []] == [change(seq).data for seq in (1, 2, 3, 4)]
    room.receive([change(5, target=1, rewrites=True)])
    assert [c.data for c in room.changes_after(0) or []] == [
        as_of(5, 1),
        change(2).data,
        as_of(5, 3),
        change(4).data,
        change(5).data,
    ]
    # Again, and after what was replaced before.
    room.receive([change(6, target=1), change(7, target=1, rewrites=True), change(8, target=1)])
    assert [c.data for c in room.changes_after(4) or []] == [
        as_of(7, 5),
        as_of(7, 6),
        change(7).data,
        change(8).data,
    ]
    assert [c.seq for c in room.changes_after(0) or []] == list(range(1, 9))


async def test_an_edit_costs_no_pass_over_the_memory_until_a_client_returns() -> None:
    log = Log(10**6)
    room = await loaded_room(log)
    room.receive([change(seq) for seq in range(1, 501)])
    for seq in range(501, 901):
        room.receive([change(seq, target=1, rewrites=True)])
    assert log.rewritings == 0
    assert [c.data for c in (room.changes_after(0) or [])[:1]] == [as_of(900, 1)]
    assert len(room.changes_after(0) or []) == 900
    assert log.rewritings == 1


async def test_what_is_to_be_replaced_is_bounded() -> None:
    log = Log(10**6)
    room = await loaded_room(log)
    room.receive([change(seq) for seq in range(1, MAX_REWRITTEN + 2)])
    for target in range(1, MAX_REWRITTEN + 2):
        room.receive([change(MAX_REWRITTEN + 1 + target, target=target, rewrites=True)])
    assert log.rewritings == MAX_REWRITTEN + 1


async def test_what_was_read_before_an_entry_was_rewritten_is_not_kept() -> None:
    reading, released = asyncio.Event(), asyncio.Event()

    class SlowLog(Log):
        async def changes(self, room: str, after: int) -> list[Change]:
            reading.set()
            await released.wait()
            return await super().changes(room, after)

    room = await loaded_room(SlowLog(3, start=3))
    read = asyncio.create_task(MissedChanges(room._source).between(room, 0, 3))
    await reading.wait()
    room.receive([change(4, target=2, rewrites=True)])
    released.set()
    assert len(await read or []) == 3
    assert room.changes_after(0) is None


async def test_memory_is_bounded() -> None:
    room = await loaded_room(Log(RING_SIZE + 5))
    for seq in range(1, RING_SIZE + 6):
        room.receive([change(seq)])
    assert room.changes_after(4) is None
    assert len(room.changes_after(5) or []) == RING_SIZE
    assert room.changes_after(RING_SIZE + 5) == []
