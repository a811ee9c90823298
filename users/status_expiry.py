"""Tells others when a custom status has ended; that it shows no more needs no write (`CustomStatus`)."""

from datetime import datetime

from . import models, profile_changes
from .due.entry import Due, milliseconds
from .due.handlers import Handler

_KIND = "status"


def entry_of(user_id: str, end: str) -> Due:
    """Return the entry by which others are told that a status has ended, whose `expires_at` is `end`."""
    return Due(_KIND, user_id, milliseconds(datetime.fromisoformat(end)))


class StatusEnds(Handler):
    kind = _KIND

    async def handle(self, entry: Due) -> None:
        user = await models.get(entry.key)
        if user is None or not user.is_active or user.status is None or not user.status.is_over:
            return
        if entry_of(entry.key, user.status.expires_at or "") == entry:
            profile_changes.tell(user)
