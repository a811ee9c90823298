"""Pinning a message, for all of its group to find: who may, and how many a group has."""

from dataclasses import replace

from django.conf import settings

from foundation.errors import Forbidden, Invalid
from groups import models
from groups.access import is_manager
from groups.log.entry import Entry
from groups.log.proposal import Append, LogView, NoOp, Outcome, entry_key
from groups.log.state import LogState
from groups.models import DIRECT
from groups.policy import PIN
from messaging import change_events

from .change import MessageChangeProposal, entry_update, pin_write

# Two proposals of one write must not count the same pins.
_PINS = "pins"


class PinProposal(MessageChangeProposal):
    """Pin a message or unpin it (`action` is "add" or "remove"); the result is the `Message`."""

    def __init__(self, actor_id: str, seq: int, *, action: str) -> None:
        super().__init__(actor_id, seq)
        self.action = action
        self.writes = frozenset([entry_key(seq), _PINS])
        self._count = 0
        self._is_direct = False

    @property
    def _adds(self) -> bool:
        return self.action == "add"

    async def load(self, state: LogState) -> None:
        await super().load(state)
        if self._adds:
            self._count = len(await models.find_pinned(state.group_id))
        if settings.PIN_MESSAGES == "managers":
            group = await models.find_group(state.group_id)
            self._is_direct = group is not None and group.kind == DIRECT

    def decide(self, view: LogView) -> Append | NoOp:
        message = self._require_undeleted(view)
        self._require_permitted(view.require_may(PIN, self.actor_id))
        if self._adds == bool(message.pinned):
            return NoOp(message)
        if self._adds:
            view.require_open(self.actor_id)
        if self._adds and self._count >= settings.MAX_PINS:
            raise Invalid(f"A group has {settings.MAX_PINS} pinned messages at most: unpin one first.")
        pinned = {"userId": self.actor_id, "createdAt": self.created_at} if self._adds else None
        changed = replace(message, pinned=pinned)
        entry = self.new_entry(view, "pin", target_seq=self.seq, action=self.action)
        writes = (
            entry_update(view.group_id, self.seq, [Entry.pinned.set(pinned) if pinned else Entry.pinned.remove()]),
            pin_write(view.group_id, self.seq, adds=self._adds),
        )
        return Append(entry, lambda: Outcome(change_events.pin_change(entry, changed), changed), writes)

    def _require_permitted(self, role: str) -> None:
        if settings.PIN_MESSAGES == "managers" and not (self._is_direct or is_manager(role)):
            raise Forbidden("Only an owner or an admin of the group may pin messages.")
