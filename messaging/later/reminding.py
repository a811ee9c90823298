"""Having oneself reminded of a message, and no longer."""

from datetime import datetime
from typing import Any

from django.conf import settings

from foundation.errors import Gone
from foundation.ids import new_id, now
from foundation.limits import bucket
from messaging.selectors import get_message
from users.actor import Actor

from . import planning, storing, telling
from .rows import REMINDER, Plan
from .times import moment_at, moment_in

Wire = dict[str, Any]


async def remind(
    *,
    actor: Actor,
    message_id: str,
    at: datetime | None = None,
    when: str | None = None,
    time_zone: str | None = None,
) -> Wire:
    """Remind the actor of a message at a time, or at one of `WHENS` from now on; one of both is given.

    Returns {"reminder": Plan in wire form}, and tells the actor's connections. When the time comes, there is an item in
    their inbox. Raises `NotFound` unless the actor is a member and the message exists, `Gone` if it is deleted,
    `Invalid` for a time that has passed or is too far ahead, and when MAX_REMINDERS are planned, `RateLimited`,
    `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    message = await get_message(actor=actor, message_id=message_id)
    if message.get("deleted"):
        raise Gone("The message has been deleted.")
    moment = await (moment_at(actor, at, time_zone) if at else moment_in(actor, when or "", time_zone))
    group_id = message["groupId"]
    plan = Plan(actor.user_id, REMINDER, new_id("reminder"), group_id, moment, now(), message_id=message_id)
    await storing.add(plan, limit=settings.MAX_REMINDERS)
    telling.tell(plan, telling.ADDED)
    return {REMINDER: plan.as_wire()}


async def cancel_reminder(*, actor: Actor, reminder_id: str) -> Wire:
    """Cancel a reminder, and return {"reminder"} as it was.

    Raises `NotFound` unless it is the actor's, `Gone` once it has come, `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    return await planning.cancel(await storing.require_plan(actor, REMINDER, reminder_id))
