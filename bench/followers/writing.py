"""Writes to the groups until each has enough entries, as a server does that may be killed at any time."""

import asyncio
import random
from contextlib import suppress
from typing import Any

from foundation.errors import AppError, Unavailable
from groups.dissolving import dissolve_group
from groups.log import queries
from groups.log.appender import cached_state
from messaging import services
from messaging.group_deletion import erase_deleted_groups
from users.actor import Actor

from .ledgers import BAD, ODD
from .plan import Plan

# Messages of a group that are written together, and groups at a time.
_TOGETHER, _CONCURRENCY = 25, 4


def actor(user_id: str) -> Actor:
    return Actor(user_id, user_id, "session", 2**40)


async def write(plan: Plan) -> None:
    """Write to all groups in random order, and return when each has its entries."""
    left = list(plan.kept)
    while left:
        random.shuffle(left)
        for start in range(0, len(left), _CONCURRENCY):
            await asyncio.gather(*(_write_some(group) for group in left[start : start + _CONCURRENCY]))
        left = [group for group in left if await _length(group["id"]) < plan.entries]


async def _length(group_id: str) -> int:
    if state := cached_state(group_id):
        return state.seq
    with suppress(Unavailable):
        head = await queries.last_entry(group_id)
        return int(head.seq) if head else 0
    return 0


async def _write_some(group: dict[str, Any]) -> None:
    await asyncio.gather(*(_send(group) for _ in range(_TOGETHER)))


async def _send(group: dict[str, Any]) -> None:
    kind = random.choices((BAD, ODD, "reply", "fine"), (1, 8, 40, 400))[0]
    author = actor(random.choice(group["members"]))
    # The first message of the log, if it is one.
    parent = f"{group['id']}.{random.randint(3, 9)}" if kind == "reply" else None
    with suppress(AppError):
        await services.send_message(actor=author, group_id=group["id"], content=f"{kind} text", parent_id=parent)


async def delete(plan: Plan) -> None:
    """Delete the groups that are doomed, while others still write to them and follow them."""
    for group in plan.doomed:
        with suppress(AppError):
            await _write_some(group)
            await dissolve_group(actor=actor(group["members"][0]), group_id=group["id"])
    await erase_deleted_groups()
    # Another process may have wound up first, and the store may have refused.
    for group in plan.doomed:
        if await queries.last_entry(group["id"]):
            raise RuntimeError("there is more to erase")
