"""The acts on followers: one is rebuilt, a group is forgotten."""

from contextlib import suppress

import redis.asyncio as redis

from dynamodb import store
from foundation.errors import NotFound
from workspace import audit

from . import places, registrations
from .follower import registered
from .wake_queue import wake_queue


async def rebuild_follower(name: str) -> None:
    """Let a follower handle every entry of every group again, from the first; nobody is notified of any of them.

    For whoever runs the server. All processes begin within some seconds. Raises `NotFound` for a follower that was
    never there.
    """
    try:
        await registrations.begin_generation(name)
    except store.ConditionFailed:
        raise NotFound(f"There is no follower {name}.") from None
    with suppress(redis.RedisError):  # the slow round comes to each group too
        await wake_queue().sweep_anew()
        await wake_queue().forget_set_aside(name)
    await audit.record("follower.rebuild", by="operator", follower=name)


async def forget_group(group_id: str) -> None:
    """Erase what followers have of a group that is being deleted; may be repeated. Raises `Unavailable`."""
    # The place first: without it nobody follows the group, and nothing writes it anew.
    await places.delete(group_id)
    for follower in registered():
        await follower.forget(group_id)
    with suppress(redis.RedisError):  # whoever takes it finds no place, and drops it
        await wake_queue().forget(group_id, [follower.name for follower in registered()])
