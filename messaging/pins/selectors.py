"""Reads of a group's pinned messages."""

from typing import Any

from groups import models as groups
from groups.access import require_member
from groups.log import queries
from messaging import reading_budget
from messaging.models import Message
from users.actor import Actor


async def list_pins(*, actor: Actor, group_id: str) -> dict[str, Any]:
    """Return {"messages": the group's pinned messages in wire form}, those pinned last first, MAX_PINS at most.

    Raises `NotFound` unless the actor is a member, `RateLimited`, `Unavailable`.
    """
    reading_budget.require(actor)
    await require_member(actor=actor, group_id=group_id)
    seqs = await groups.find_pinned(group_id)
    entries = await queries.get_entries((group_id, seq) for seq in seqs)
    found = [Message.from_entry(entry) for entry in entries.values()]
    # What was unpinned between the two reads is left out.
    pinned = [(message.pinned["createdAt"], message.seq, message) for message in found if message.pinned]
    messages = [message.as_wire() for _, _, message in sorted(pinned, key=lambda each: each[:2], reverse=True)]
    reading_budget.charge(actor, messages)
    return {"messages": messages}
