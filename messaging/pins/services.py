"""Pinning a message and unpinning it."""

from typing import Any

from foundation.errors import NotFound
from foundation.ids import parse_message_id
from foundation.limits import bucket
from groups.log.appender import append
from messaging.models import Message
from messaging.proposals.pin import PinProposal
from users.actor import Actor


async def pin_message(*, actor: Actor, message_id: str, action: str) -> dict[str, Any]:
    """Pin a message in its group, or unpin it (`action` is "add" or "remove"); idempotent.

    Returns {"messageId", "pinned"?: {"userId", "createdAt"}}. Raises `NotFound` unless the actor is a member and the
    message exists, `Forbidden` where PIN_MESSAGES does not let the actor, `Gone` when it is deleted, `Invalid` when
    MAX_PINS are pinned, `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    key = parse_message_id(message_id)
    if key is None:
        raise NotFound
    message: Message = await append(key[0], PinProposal(actor.user_id, key[1], action=action))
    return {"messageId": message_id, **({"pinned": message.pinned} if message.pinned else {})}
