"""Looks up at Clerk, in the background, the users whose tokens have no name: one at a time in each process."""

import asyncio
import logging
from collections import deque
from time import monotonic

from django.conf import settings

from foundation.errors import AppError
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import create_background_task

from . import backend
from .services import follow_profile

logger = logging.getLogger(__name__)

# Users that wait: whoever comes later is asked for when they next sign in.
_MAX_WAITING = 1_000
# Seconds until a user is asked for again, and how many such users are remembered.
ASKED_SECONDS, _MAX_ASKED = 600.0, 10_000
# Seconds that nobody is asked for after a failure, doubled with each in a row.
FIRST_PAUSE, _MAX_PAUSE = 1.0, 60.0


class Lookups:
    """The users that are asked for; `ask` never waits and never fails."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._asked: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._pause = FIRST_PAUSE
        self._log_throttle = LogThrottle()

    def ask(self, user_id: str) -> None:
        """Look this user up soon, if CLERK_SECRET_KEY is set and it was not done lately."""
        if not settings.CLERK_SECRET_KEY or self._asked.get(user_id, 0.0) > monotonic():
            return
        if len(self._waiting) >= _MAX_WAITING:
            return
        # Removed first: the dict stays in order of time, so its first key is the oldest.
        self._asked.pop(user_id, None)
        self._asked[user_id] = monotonic() + ASKED_SECONDS
        if len(self._asked) > _MAX_ASKED:
            self._asked.pop(next(iter(self._asked)))
        self._waiting.append(user_id)
        if self._task is None or self._task.done():
            self._task = create_background_task(self._work())

    async def wait(self) -> None:
        """Return when nobody waits to be looked up."""
        if self._task:
            await asyncio.wait([self._task])

    def close(self) -> None:
        if self._task:
            self._task.cancel()

    async def _work(self) -> None:
        while self._waiting:
            user_id = self._waiting[0]
            try:
                await follow_profile(profile=await backend.get_user(user_id))
            except backend.UserUnknown:
                logger.warning("Clerk does not know the user %s: is CLERK_SECRET_KEY that of CLERK_ISSUER?", user_id)
            except (backend.BackendAway, AppError) as error:
                await self._wait_after(error)
                continue
            self._waiting.popleft()
            self._pause = FIRST_PAUSE

    async def _wait_after(self, error: Exception) -> None:
        if self._log_throttle.should_log():
            logger.warning("A user without a name could not be looked up at Clerk, it is tried again: %r", error)
        asked = error.retry_after if isinstance(error, backend.BackendAway) else None
        await asyncio.sleep(min(_MAX_PAUSE, self._pause if asked is None else asked))
        self._pause = min(_MAX_PAUSE, 2 * self._pause)


# The lookups of the running event loop.
lookups = PerLoop(Lookups)
