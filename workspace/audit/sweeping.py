"""Deletes the acts that are older than AUDIT_DAYS: some with the first act of a day, all by `manage.py sweep_audit`."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings

from foundation.errors import Unavailable
from foundation.per_loop import PerLoop
from foundation.tasks import cancel_and_wait

from . import models

logger = logging.getLogger("workspace.audit")

# So many rows are deleted by one sweep that nobody asked for, by so many a call.
MAX_SWEPT, _A_CALL = 20_000, 200
_tasks: PerLoop[set[asyncio.Task[None]]] = PerLoop(set)


async def sweep(*, most: int | None = None) -> int:
    """Delete the acts of days that are over for more than AUDIT_DAYS, `most` at most; return how many.

    None if AUDIT_DAYS is 0. May be repeated, and by several processes at once. Raises `Unavailable`.
    """
    if not settings.AUDIT_DAYS:
        return 0
    first_kept = (datetime.now(UTC) - timedelta(days=settings.AUDIT_DAYS)).date().isoformat()
    swept = 0
    while days := await models.list_days_before(first_kept, limit=1):
        if most is not None and swept >= most:
            break
        swept += await models.delete_some(days[0], limit=_A_CALL)
    return swept


def begin() -> None:
    """Sweep in the background, unless that is under way."""
    if settings.AUDIT_DAYS and not _tasks():
        task = asyncio.create_task(_sweep_quietly())
        _tasks().add(task)
        task.add_done_callback(_tasks().discard)


async def _sweep_quietly() -> None:
    try:
        await sweep(most=MAX_SWEPT)
    except Unavailable:
        # The next day brings the next.
        logger.info("Acts that are too old could not be deleted now.")


async def close() -> None:
    for task in list(_tasks()):
        await cancel_and_wait(task)
