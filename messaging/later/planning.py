"""Planning a message that is sent later, changing it, and cancelling it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings

from foundation.errors import VersionConflict
from foundation.ids import new_id, now
from foundation.limits import bucket
from groups.access import require_poster
from messaging.services import require_thread_root
from users.actor import Actor

from . import rows, storing, telling
from .rows import SCHEDULED, Plan, When
from .times import moment_at

Wire = dict[str, Any]


async def schedule_message(
    *,
    actor: Actor,
    group_id: str,
    content: str,
    at: datetime,
    time_zone: str | None = None,
    parent_id: str | None = None,
) -> Wire:
    """Have a message sent at a time; return {"scheduled": Plan in wire form}, and tell the actor's connections.

    `at` without an offset is a time of day in `time_zone`, or in the zone of the profile, and stays that if the clocks
    are changed. Whether the actor may send it is decided again when it is sent. Raises `NotFound` unless the actor is a
    member and the thread exists, `Forbidden` where the group is archived, or does not let the actor post, `Invalid` for
    a time that has passed or is too far ahead, and when MAX_SCHEDULED are planned, `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    await require_poster(actor=actor, group_id=group_id)
    if parent_id is not None:
        await require_thread_root(group_id, parent_id)
    when = await moment_at(actor, at, time_zone)
    plan = Plan(actor.user_id, SCHEDULED, new_id("scheduled"), group_id, when, now(), content, parent_id)
    await storing.add(plan, limit=settings.MAX_SCHEDULED)
    telling.tell(plan, telling.ADDED)
    return {SCHEDULED: plan.as_wire()}


async def change_scheduled(
    *,
    actor: Actor,
    scheduled_id: str,
    content: str | None = None,
    at: datetime | None = None,
    time_zone: str | None = None,
    if_version: int | None = None,
) -> Wire:
    """Change what is given of a message to be sent, and return {"scheduled"}; one that was refused waits again.

    Then it needs a time to come. Without `at`, `time_zone` changes nothing. Raises `NotFound` unless it is the actor's,
    `Gone` once it is being sent, `VersionConflict` unless it has the version `if_version`, and if it was changed
    meanwhile, `Invalid`, `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    plan = await storing.require_plan(actor, SCHEDULED, scheduled_id)
    if if_version not in (None, plan.version):
        raise VersionConflict("It was changed on another device: read it again.")
    when = await _when(actor, plan, at, time_zone)
    changed = replace(plan, content=plan.content if content is None else content, when=when)

    changed = await storing.write(plan, rows.change(plan, changed))
    telling.tell(changed, telling.CHANGED)
    return {SCHEDULED: changed.as_wire()}


async def _when(actor: Actor, plan: Plan, at: datetime | None, time_zone: str | None) -> When:
    if at is not None:
        return await moment_at(actor, at, time_zone)
    if plan.state == rows.REFUSED:
        # What it was planned for has passed.
        return await moment_at(actor, plan.when.moment, None)
    return plan.when


async def cancel_scheduled(*, actor: Actor, scheduled_id: str) -> Wire:
    """Cancel a message to be sent, or drop one that was refused; return {"scheduled"} as it was.

    Raises `NotFound` unless it is the actor's, `Gone` once it is being sent, `VersionConflict` if it was changed
    meanwhile, `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    return await cancel(await storing.require_plan(actor, SCHEDULED, scheduled_id))


async def cancel(plan: Plan) -> Wire:
    """Delete a plan, and tell the person's connections; return it under the name of what it is."""
    await storing.write(plan, rows.cancel(plan))
    telling.tell(plan, telling.CANCELLED)
    return {plan.what: plan.as_wire()}
