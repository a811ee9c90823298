"""Moves what was planned for a time of day, if the zone's rules have changed meanwhile so that it is still to come."""

from dataclasses import replace
from datetime import UTC, datetime

from users.due.entry import milliseconds

from . import rows, telling
from .rows import Plan, When

# Milliseconds by which the zone's rules must have moved a time so that it is worth another entry.
_MOVED = 1_000


async def is_moved(plan: Plan) -> bool:
    """Move a plan that waits to the time that it is by the rules of now, and tell; return whether it was moved.

    Raises `ConditionFailed` if it was changed.
    """
    at = _by_rules_of_now(plan.when)
    if plan.state != rows.WAITING or at <= max(plan.when.at, milliseconds(datetime.now(UTC))) + _MOVED:
        return False
    moved = await rows.change(plan, replace(plan, when=When(at, plan.when.wall)))
    telling.tell(moved, telling.CHANGED)
    return True


def _by_rules_of_now(when: When) -> int:
    """Return the moment in milliseconds since 1970; that which was found out first for a zone that is known no more."""
    if when.wall is None:
        return when.at
    try:
        return milliseconds(when.wall.moment())
    except KeyError:
        return when.at
