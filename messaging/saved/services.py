"""Saving a message for later, and no longer."""

import asyncio
from typing import Any

from django.conf import settings

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Gone, Invalid, NotFound, Unavailable
from foundation.ids import parse_message_id
from foundation.limits import bucket
from messaging.selectors import get_message
from users.actor import Actor
from users.events import UserUpdated
from users.updates import user_updates

from . import models
from .models import State

# Devices of one user write at the same time; all waits add up to 0.8 s on average.
_ATTEMPTS, _BACKOFF_BASE, _BACKOFF_CAP = 20, 0.01, 0.1


async def save_message(*, actor: Actor, message_id: str, action: str) -> dict[str, Any]:
    """Save a message for later, or no longer (`action` is "add" or "remove"); idempotent.

    Returns {"groupId", "messageId", "saved", "version", "savedAt"?}, and tells the actor's connections of a change.
    `version` counts the changes of all that the actor has saved. What was saved can always be removed, also of a
    group that the actor has left. Raises `NotFound` unless the actor is a member and the message exists, `Invalid` when
    MAX_SAVED are saved, `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    if parse_message_id(message_id) is None:
        raise NotFound
    state = await models.get_state(actor.user_id, message_id)
    if state.saved_at is None or action == "add":
        message = await get_message(actor=actor, message_id=message_id)
        if message.get("deleted") and state.saved_at is None and action == "add":
            raise Gone("The message has been deleted.")
    return await _store(actor.user_id, message_id, state, saves=action == "add")


async def _store(user_id: str, message_id: str, state: State, *, saves: bool) -> dict[str, Any]:
    """Return, in wire form, the state in which the message is saved, or is not; tell the user of a change."""
    new = await _change(user_id, message_id, state, saves=saves)
    group_id = message_id.rpartition(".")[0]
    saved_at = {"savedAt": new.saved_at} if new.saved_at else {}
    wire = {"groupId": group_id, "messageId": message_id, "saved": bool(new.saved_at), "version": new.version}
    if new.version != state.version:
        user_updates().tell(user_id, UserUpdated.SAVED, wire | saved_at)
    return wire | saved_at


async def _change(user_id: str, message_id: str, state: State, *, saves: bool) -> State:
    """Return the state in which the message is saved, or is not."""
    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        if saves == bool(state.saved_at):
            return state
        if saves and state.count >= settings.MAX_SAVED:
            raise Invalid(f"You have saved {state.count} messages: remove one first.")
        try:
            return await models.change(user_id, message_id, state, saves=saves)
        except store.ConditionFailed:
            # Another device has saved something, or this very change, whose response was lost.
            await asyncio.sleep(delay)
        state = await models.get_state(user_id, message_id)
    raise Unavailable


async def forget_saved(*, user_id: str, group_id: str) -> None:
    """Remove what somebody has saved of a group that is deleted, and tell their connections; may be repeated."""
    for saved in await models.list_saved(user_id, group_id):
        state = await models.get_state(user_id, saved.message_id)
        await _store(user_id, saved.message_id, state, saves=False)
