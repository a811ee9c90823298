"""Tells others when a custom status has ended; that it shows no more needs no write (`CustomStatus`)."""

from datetime import datetime

from . import models, profile_changes
from .due.entry import Due, milliseconds
from .due.handlers import Handler
from .due.rows import put
from .user import CustomStatus

_KIND = "status"


async def plan_end(user_id: str, status: CustomStatus | None) -> None:
    """Have others told when this status ends; raises `Unavailable`."""
    if status and status.expires_at:
        await put(Due(_KIND, user_id, _end_of(status.expires_at)))


class StatusEnds(Handler):
    kind = _KIND

    async def handle(self, entry: Due) -> None:
        user = await models.get(entry.key)
        if user is None or not user.is_active or user.status is None or not user.status.is_over:
            return
        if _end_of(user.status.expires_at or "") == entry.at:
            profile_changes.tell(user)


def _end_of(expires_at: str) -> int:
    return milliseconds(datetime.fromisoformat(expires_at))
