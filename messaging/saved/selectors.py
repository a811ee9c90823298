"""Reads of what a user has saved."""

from collections.abc import Iterable
from typing import Any

from foundation.cursors import encode_cursor
from foundation.ids import parse_message_id
from groups import selectors as groups
from groups.log import queries
from messaging import reading_budget
from messaging.models import Message
from users.actor import Actor

from . import models
from .models import Saved


async def list_saved(*, actor: Actor, cursor: tuple[str, ...] | None = None, limit: int = 20) -> dict[str, Any]:
    """Return {"saved": [{"messageId", "savedAt", "message"?}], "nextCursor"?}, the latest first, `limit` at most.

    `message` is in wire form as it is now, deleted ones without their content; it is left out where the actor is no
    longer in the group. `cursor` has the two parts of the page before's `nextCursor`. Raises `RateLimited`,
    `Unavailable`.
    """
    reading_budget.require(actor)
    saved = await models.list_saved(actor.user_id)
    if cursor:
        saved = [each for each in saved if (each.saved_at, each.message_id) < cursor]
    page = saved[:limit]
    messages = await _readable(actor, page)
    reading_budget.charge(actor, messages.values())
    wire: dict[str, Any] = {"saved": [_as_wire(each, messages) for each in page]}
    if len(saved) > limit:
        wire["nextCursor"] = encode_cursor(page[-1].saved_at, page[-1].message_id)
    return wire


async def list_saved_ids(*, actor: Actor) -> list[str]:
    """Return the ids of all messages that the actor has saved, also of groups that they have left."""
    return [each.message_id for each in await models.list_saved(actor.user_id)]


async def _readable(actor: Actor, saved: Iterable[Saved]) -> dict[str, dict[str, Any]]:
    """Return those of the messages that the actor may read, by id."""
    member_of = await groups.list_group_ids(user_id=actor.user_id)
    keys = [key for each in saved if (key := parse_message_id(each.message_id)) and key[0] in member_of]
    found = [Message.from_entry(entry) for entry in (await queries.get_entries(keys)).values()]
    return {message.id: message.as_wire() for message in found}


def _as_wire(each: Saved, messages: dict[str, dict[str, Any]]) -> dict[str, Any]:
    message = {"message": messages[each.message_id]} if each.message_id in messages else {}
    return {"messageId": each.message_id, "savedAt": each.saved_at, **message}
