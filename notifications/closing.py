"""Takes notifications back once what they tell of was read, on whatever device: off all screens.

A read mark that this process has moved is noted in memory, and looked at a moment later; only of people with devices
is anything read. A process that dies before that leaves them on the screens, until they are opened or read there.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from dynamodb import store
from foundation.errors import Unavailable
from foundation.flusher import Flusher
from foundation.ids import parse_message_id
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from users.events import UserUpdated

from . import decisions, outbox
from .decisions import Decision
from .outbox import Delivery
from .preferences import models as preferences
from .sending import lease_of_new, send_soon

logger = logging.getLogger(__name__)

# Seconds between a read mark and what is done for it, and how many marks are looked at then.
_DELAY, _MAX_AT_ONCE = 0.5, 500
_MAX_NOTED = 20_000
# What a transaction takes beside the row of the outbox.
_MAX_CLOSED = 99
# Whose mark, of which group, or of which of its threads, by the seq of the root.
_Place = tuple[str, str, int | None]


class Closer:
    """The read marks that were moved and not looked at yet."""

    def __init__(self) -> None:
        self._noted: dict[_Place, int] = {}
        self._flusher = Flusher(self._look, is_waiting=lambda: bool(self._noted), delay=lambda: _DELAY)
        self._log_throttle = LogThrottle()

    def note(self, place: _Place, seq: int) -> None:
        """Note that a person has read up to there; never waits and never fails."""
        self._noted[place] = max(seq, self._noted.get(place, 0))
        if len(self._noted) > _MAX_NOTED:
            del self._noted[next(iter(self._noted))]
        self._flusher.start()

    async def _look(self) -> None:
        noted = {place: self._noted.pop(place) for place in list(self._noted)[:_MAX_AT_ONCE]}
        try:
            await self._close_all(noted)
        except Exception as error:  # they stay on screens: they are not what was read
            if self._log_throttle.should_log():
                logger.warning("notifications could not be taken back: %r", error)

    async def _close_all(self, noted: Mapping[_Place, int]) -> None:
        own = await preferences.find_many(user_id for user_id, _, _ in noted)
        with_devices = {place: seq for place, seq in noted.items() if own[place[0]].device_ids}
        for place, seq in with_devices.items():
            with suppress(Unavailable):
                await close_read(*place, seq)

    async def close(self) -> None:
        await self._flusher.close(self._look, timeout=1.0)


async def close_read(user_id: str, group_id: str, parent_seq: int | None, seq: int) -> None:
    """Take back what the user was told of a group, or of one of its threads, up to a seq; raises `Unavailable`."""
    found = await decisions.list_open(user_id, group_id, seq)
    open_there = [each for each in found if each.parent_seq == parent_seq]
    by_chunk = [open_there[start : start + _MAX_CLOSED] for start in range(0, len(open_there), _MAX_CLOSED)]
    for chunk in by_chunk:
        await _close(chunk, Delivery(outbox.CLOSE, user_id, group_id, seq, outbox.later(lease_of_new()), parent_seq))


async def _close(chunk: list[Decision], delivery: Delivery) -> None:
    # If it was closed meanwhile, that was another process, which sends it.
    with suppress(store.ConditionFailed):
        await decisions.close(chunk, delivery)
        send_soon([delivery])


closer = PerLoop(Closer)


def on_user_update(user_id: str, kind: str, change: Mapping[str, Any]) -> None:
    """Note a read mark that this process tells its user of."""
    if kind != UserUpdated.READ_MARK:
        return
    parent = parse_message_id(change.get("parentId") or "")
    closer().note((user_id, change["groupId"], parent[1] if parent else None), int(change["read"]))


async def close_closing() -> None:
    if known := closer.pop():
        await known.close()
