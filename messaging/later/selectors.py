"""Reads of what a person has planned."""

from typing import Any

from foundation.ids import parse_message_id
from groups import selectors as groups
from groups.log import queries
from messaging import reading_budget
from messaging.models import Message
from users import selectors as users
from users.actor import Actor

from . import rows
from .rows import REMINDER, SCHEDULED

Wire = dict[str, Any]


async def list_scheduled(*, actor: Actor) -> Wire:
    """Return {"scheduled": [Plan in wire form], "revision"}: all that the actor has planned to send, the next first.

    `revision` is that of the actor's last `user_update` that these are sure to have. Raises `RateLimited`,
    `Unavailable`.
    """
    reading_budget.require(actor)
    revision = await users.get_revision(user_id=actor.user_id)
    wires = [plan.as_wire() for plan in await rows.list_plans(actor.user_id, SCHEDULED)]
    reading_budget.charge(actor, wires)
    return {"scheduled": wires, "revision": revision}


async def list_reminders(*, actor: Actor) -> Wire:
    """Return {"reminders": [Plan in wire form, with "message"?], "revision"}, the next first.

    `message` is in wire form as it is now, and left out where the actor is no longer in the group. Raises
    `RateLimited`, `Unavailable`.
    """
    reading_budget.require(actor)
    revision = await users.get_revision(user_id=actor.user_id)
    wires = [plan.as_wire() for plan in await rows.list_plans(actor.user_id, REMINDER)]
    messages = await _readable(actor, [wire["messageId"] for wire in wires])
    reading_budget.charge(actor, messages.values())
    for wire in wires:
        if message := messages.get(wire["messageId"]):
            wire["message"] = message
    return {"reminders": wires, "revision": revision}


async def _readable(actor: Actor, message_ids: list[str]) -> dict[str, Wire]:
    """Return those of the messages that the actor may read, by id."""
    if not message_ids:
        return {}
    member_of = await groups.list_group_ids(user_id=actor.user_id)
    keys = [key for message_id in message_ids if (key := parse_message_id(message_id)) and key[0] in member_of]
    found = [Message.from_entry(entry) for entry in (await queries.get_entries(keys)).values()]
    return {message.id: message.as_wire() for message in found}
