"""Blocking somebody, and taking that back. Both may be repeated: a second time does what the first has left undone."""

import asyncio
from typing import Any

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Invalid, NotFound, Unavailable
from foundation.finishing import finish_in_background
from foundation.tasks import run_to_completion
from groups import models
from groups.direct import direct_id
from groups.log.appender import append
from users import blocks
from users import selectors as users
from users.actor import Actor
from users.blocks import Block
from users.events import UserUpdated
from users.updates import user_updates

from .proposals import AlignDirectProposal

MAX_BLOCKED = 500
_ATTEMPTS, _BASE, _CAP = 10, 0.02, 0.4


async def block_user(*, actor: Actor, user_id: str) -> dict[str, Any]:
    """Block somebody, and return {"userId", "since"}.

    From then on they cannot write in the direct conversation of the two, nor open one, nor put the actor into groups;
    what they write names the actor nowhere, and no item of the actor's inbox is made of it. They are told nothing.
    Raises `NotFound` for a user that does not exist, `Invalid` for oneself and when MAX_BLOCKED are blocked,
    `Unavailable`: then it may be done in part, and is finished when the store is back.
    """
    if user_id == actor.user_id:
        raise Invalid("You cannot block yourself.", fields={"userId": ["This is you."]})
    await users.get_seen_user(actor=actor, user_id=user_id)
    known = await blocks.list_blocked(actor.user_id)
    if len(known) >= MAX_BLOCKED and user_id not in {block.user_id for block in known}:
        raise Invalid(f"You have blocked {MAX_BLOCKED} people: unblock one first.")
    block = await run_to_completion(_set(actor, user_id, blocked=True))
    return {"userId": user_id, "since": block.since}


async def unblock_user(*, actor: Actor, user_id: str) -> None:
    """Take a block back; what was written meanwhile stays without effect. Raises `NotFound` where there is none."""
    block = await blocks.find_block(actor.user_id, user_id)
    if block.since is None and not await _is_closed(actor, user_id):
        raise NotFound
    await run_to_completion(_set(actor, user_id, blocked=False))


async def _set(actor: Actor, user_id: str, *, blocked: bool) -> Block:
    block = await _write(actor.user_id, user_id, blocked=blocked)
    user_updates().tell(actor.user_id, UserUpdated.BLOCKED, {"userId": user_id, "blocked": blocked})
    try:
        await _align(actor, user_id)
    except Unavailable:
        finish_in_background(lambda: _align(actor, user_id), f"The block of somebody by {actor.user_id}")
        raise
    return block


async def _write(by: str, user_id: str, *, blocked: bool) -> Block:
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        before = await blocks.find_block(by, user_id)
        after = before.changed(blocked=blocked)
        if after is before:
            return before
        try:
            return await blocks.put(by, after)
        except store.ConditionFailed:
            await asyncio.sleep(delay)
    raise Unavailable


async def _align(actor: Actor, user_id: str) -> None:
    """Close or open the direct conversation of the two, if there is one, by the block as it is."""
    if group := await models.find_group(direct_id(actor.user_id, user_id)):
        await append(group.id, AlignDirectProposal(actor.user_id, group, user_id))


async def _is_closed(actor: Actor, user_id: str) -> bool:
    return actor.user_id in await models.find_closed_by(direct_id(actor.user_id, user_id))
