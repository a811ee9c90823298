"""What becomes of what was planned in a group that is deleted."""

from contextlib import suppress

from dynamodb import store
from foundation.errors import NotFound

from . import rows, telling
from .rows import REFUSED, REMINDER, SCHEDULED


async def forget_planned(*, user_id: str, group_id: str) -> None:
    """Drop somebody's reminders of a group that is deleted, and refuse what they wanted to send there; may be repeated.

    Their own words are theirs to keep, and to send elsewhere.
    """
    for plan in await _plans_in(user_id, REMINDER, group_id):
        with suppress(store.ConditionFailed):  # it was cancelled, or comes to nothing at its time
            await rows.finish(plan)
            telling.tell(plan, telling.CANCELLED)
    for plan in await _plans_in(user_id, SCHEDULED, group_id):
        with suppress(store.ConditionFailed):  # it was cancelled, or is refused at its time
            refused = await rows.refuse(plan, code=NotFound.code, reason="The group was deleted.")
            telling.tell(refused, telling.REFUSED)


async def _plans_in(user_id: str, what: str, group_id: str) -> list[rows.Plan]:
    return [
        plan for plan in await rows.list_plans(user_id, what) if plan.group_id == group_id and plan.state != REFUSED
    ]
