"""What a room lacks is counted once when that is found, and once when it has been read."""

import pytest

from foundation import counters
from realtime.hub.change import Change
from realtime.hub.head_check import HeadCheck
from realtime.hub.room import Room

from .test_room import Log, change

pytestmark = pytest.mark.unit


class AwayLog(Log):
    """A log that cannot be read for now."""

    is_away = False

    async def changes(self, room: str, after: int) -> list[Change]:
        if self.is_away:
            raise OSError("away")
        return await super().changes(room, after)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> counters.SocketCounts:
    fresh = counters.SocketCounts()
    monkeypatch.setattr("realtime.hub.room.sockets", fresh)
    return fresh


async def room_of(log: Log) -> Room:
    room = Room("r", log, lambda name: None)
    await room.load()
    return room


async def test_what_comes_in_order_is_no_gap(counts: counters.SocketCounts) -> None:
    room = await room_of(Log(3))
    room.receive([change(1), change(2)])
    await room.fetch_through(2)
    assert (counts.gaps_found, counts.gaps_healed) == (0, 0)


async def test_a_missing_change_is_a_gap_until_it_was_read(counts: counters.SocketCounts) -> None:
    log = AwayLog(3)
    room = await room_of(log)
    log.is_away = True
    room.receive([change(3)])
    for _ in range(2):
        # As when its time is over, and by a head check that finds the same.
        room.fetch_gap()
        await room.fetch()
    assert (counts.gaps_found, counts.gaps_healed) == (1, 0)
    log.is_away = False
    await room.fetch()
    assert room.position.seq == 3
    assert (counts.gaps_found, counts.gaps_healed) == (1, 1)


async def test_what_only_the_log_has_is_a_gap(counts: counters.SocketCounts) -> None:
    room = await room_of(Log(20))
    # A client has more than this process: it is read in three pages.
    await room.fetch_through(20)
    assert (counts.gaps_found, counts.gaps_healed) == (1, 1)


async def test_a_head_check_finds_gaps(counts: counters.SocketCounts) -> None:
    log = Log(2)
    room = await room_of(log)
    check = HeadCheck(log, {"r": room}, link_is_up=lambda: False)
    check.check_all()
    await check._check_queue()
    await room.fetch()
    assert (room.position.seq, counts.gaps_found, counts.gaps_healed) == (2, 1, 1)
