"""Finishes an act of several writes that failed half-way: whoever began it may never try again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from .backoff import backoff
from .errors import AppError, Unavailable
from .tasks import create_background_task

logger = logging.getLogger(__name__)

# Seconds between attempts: about four minutes in all, on average.
_ATTEMPTS, _BASE, _CAP = 12, 1.0, 60.0


def finish_in_background(act: Callable[[], Awaitable[object]], what: str) -> None:
    """Repeat `act` until it succeeds; it must be one that may be repeated. `what` names it in the log."""
    create_background_task(_finish(act, what))


async def _finish(act: Callable[[], Awaitable[object]], what: str) -> None:
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        await asyncio.sleep(delay)
        try:
            await act()
        except Unavailable:
            continue
        except AppError as error:  # whoever began it may no longer do it
            logger.info("%s is left unfinished: %s", what, error)
        except Exception:
            logger.exception("%s could not be finished.", what)
        return
    logger.warning("%s could not be finished: a part of the server was away for too long.", what)
