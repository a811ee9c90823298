"""What planning a message and a reminder have in common: space for one more, and losing a race."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Gone, Invalid, NotFound, Unavailable, VersionConflict
from users.actor import Actor

from . import rows
from .rows import REFUSED, SCHEDULED, WAITING, Plan

T = TypeVar("T")

# Devices of one user plan at the same time; all waits add up to 0.8 s on average.
_ATTEMPTS, _BACKOFF_BASE, _BACKOFF_CAP = 20, 0.01, 0.1
_TOO_LATE = {SCHEDULED: "It is being sent, or was sent.", rows.REMINDER: "It has come."}


async def add(plan: Plan, *, limit: int) -> None:
    """Store a plan; raises `Invalid` when there are `limit` of the kind, `Unavailable`."""
    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        additions = await rows.count_additions(plan.user_id)
        count = len(await rows.list_plans(plan.user_id, plan.what))
        if count >= limit:
            raise Invalid(f"You have planned {count} of these: cancel one first.")
        try:
            return await rows.add(plan, additions=additions)
        except store.ConditionFailed:
            if await rows.find(plan.user_id, plan.what, plan.id):
                return None  # this very write, whose response was lost
            await asyncio.sleep(delay)
    raise Unavailable


async def require_plan(actor: Actor, what: str, plan_id: str) -> Plan:
    """Return a plan of the actor's; raises `NotFound`, `Gone` once it is being done."""
    plan = await rows.find(actor.user_id, what, plan_id)
    if plan is None:
        raise NotFound
    _require_open(plan)
    return plan


async def write(plan: Plan, writing: Awaitable[T]) -> T:
    """Change or cancel a plan; raises `Gone` if its time was faster, `VersionConflict` if another device was."""
    try:
        return await writing
    except store.ConditionFailed:
        now = await rows.find(plan.user_id, plan.what, plan.id)
        if now is None:
            raise Gone(_TOO_LATE[plan.what]) from None
        _require_open(now)
        raise VersionConflict("It was changed on another device: read it again.") from None


def _require_open(plan: Plan) -> None:
    if plan.state not in (WAITING, REFUSED):
        raise Gone(_TOO_LATE[plan.what])
