"""Takes notifications back once what they tell of was read, on whatever device: off all screens.

A read mark that this process has moved is noted in memory, and looked at a moment later, and so is an inbox in which
something was read, which takes reminders back; only of people with devices is anything read. A process that dies before
that leaves them on the screens, until they are opened or read there.
"""

import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from dynamodb import store
from foundation.errors import Unavailable
from foundation.flusher import Flusher
from foundation.ids import parse_message_id
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from messaging.inbox import rows as inbox
from messaging.inbox.rows import ItemKey
from users.events import UserUpdated

from . import decisions, outbox
from .decisions import Decision
from .outbox import Delivery
from .preferences import models as preferences
from .rules import TOLD
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
        # Whose items of the inbox were read.
        self._inboxes: dict[str, None] = {}
        self._flusher = Flusher(self._look, is_waiting=self._is_waiting, delay=lambda: _DELAY)
        self._log_throttle = LogThrottle()

    def _is_waiting(self) -> bool:
        return bool(self._noted or self._inboxes)

    def note(self, place: _Place, seq: int) -> None:
        """Note that a person has read up to there; never waits and never fails."""
        self._noted[place] = max(seq, self._noted.get(place, 0))
        if len(self._noted) > _MAX_NOTED:
            del self._noted[next(iter(self._noted))]
        self._flusher.start()

    def note_inbox(self, user_id: str) -> None:
        """Note that a person has read items of their inbox; never waits and never fails."""
        self._inboxes[user_id] = None
        if len(self._inboxes) > _MAX_NOTED:
            del self._inboxes[next(iter(self._inboxes))]
        self._flusher.start()

    async def _look(self) -> None:
        noted = {place: self._noted.pop(place) for place in list(self._noted)[:_MAX_AT_ONCE]}
        inboxes = list(self._inboxes)[:_MAX_AT_ONCE]
        for user_id in inboxes:
            del self._inboxes[user_id]
        try:
            await self._close_all(noted)
            await self._close_reminders(inboxes)
        except Exception as error:  # they stay on screens: they are not what was read
            if self._log_throttle.should_log():
                logger.warning("notifications could not be taken back: %r", error)

    async def _close_all(self, noted: Mapping[_Place, int]) -> None:
        own = await preferences.find_many(user_id for user_id, _, _ in noted)
        with_devices = {place: seq for place, seq in noted.items() if own[place[0]].device_ids}
        for place, seq in with_devices.items():
            with suppress(Unavailable):
                await close_read(*place, seq)

    async def _close_reminders(self, user_ids: Collection[str]) -> None:
        own = await preferences.find_many(user_ids)
        for user_id in user_ids:
            if own[user_id].device_ids:
                with suppress(Unavailable):
                    await close_reminders(user_id)

    async def close(self) -> None:
        await self._flusher.close(self._look, timeout=1.0)


async def close_read(user_id: str, group_id: str, parent_seq: int | None, seq: int) -> None:
    """Take back what the user was told of a group, or of one of its threads, up to a seq; raises `Unavailable`."""
    found = await decisions.list_open(user_id, group_id, seq)
    open_there = [each for each in found if each.parent_seq == parent_seq]
    by_chunk = [open_there[start : start + _MAX_CLOSED] for start in range(0, len(open_there), _MAX_CLOSED)]
    for chunk in by_chunk:
        await _close(chunk, Delivery(outbox.CLOSE, user_id, group_id, seq, outbox.later(lease_of_new()), parent_seq))


async def close_reminders(user_id: str) -> None:
    """Take back those reminders of a person whose items were read, or are no more; raises `Unavailable`."""
    told = [each for each in await decisions.list_reminded(user_id) if each.reason == TOLD and not each.is_closed]
    keys = {each: ItemKey(user_id, each.group_id, each.seq, inbox.REMINDER) for each in told}
    items = await inbox.find(keys.values())
    for each in told:
        item = items.get(keys[each])
        if item is None or item.is_read:
            at = outbox.later(lease_of_new())
            place = (each.group_id, each.seq, at, each.parent_seq)
            await _close([each], Delivery(outbox.CLOSE, user_id, *place, reminder=each.reminder))


async def _close(chunk: list[Decision], delivery: Delivery) -> None:
    # If it was closed meanwhile, that was another process, which sends it.
    with suppress(store.ConditionFailed):
        await decisions.close(chunk, delivery)
        send_soon([delivery])


closer = PerLoop(Closer)


def on_user_update(user_id: str, kind: str, change: Mapping[str, Any]) -> None:
    """Note a read mark, or items of the inbox, that this process tells their user of."""
    if kind == UserUpdated.INBOX and change["change"] in ("read", "removed"):
        closer().note_inbox(user_id)
    if kind != UserUpdated.READ_MARK:
        return
    parent = parse_message_id(change.get("parentId") or "")
    closer().note((user_id, change["groupId"], parent[1] if parent else None), int(change["read"]))


async def close_closing() -> None:
    if known := closer.pop():
        await known.close()
