"""Tells people's own connections what has become of what they have planned."""

from typing import Any

from users.events import UserUpdated
from users.updates import user_updates

from .rows import SCHEDULED, Plan

ADDED, CHANGED, CANCELLED, REFUSED, DONE = CHANGES = ("added", "changed", "cancelled", "refused", "done")


def tell(plan: Plan, change: str, **more: Any) -> None:
    """Tell that a plan was `added`, `changed` or `cancelled`, is `done`, or was `refused`."""
    kind = UserUpdated.SCHEDULED if plan.what == SCHEDULED else UserUpdated.REMINDER
    user_updates().tell(plan.user_id, kind, {"change": change, plan.what: plan.as_wire(), **more})
