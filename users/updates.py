"""Tells users' own connections, in every process, what was changed of what belongs to them, with a revision for each.

It happens in the background, for each user in order; what waits is counted in the store by one write. What could not be
counted is lost, but counted with what is told next: so clients see the gap.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import create_background_task
from realtime.hub.hub import get_hub

from . import models
from .events import UserUpdated

logger = logging.getLogger(__name__)

# Of so many users it is known how much was lost.
_MAX_LOST = 50_000
# A kind, and the fields of the change.
_Change = tuple[str, Mapping[str, Any]]
# Gets a user's id, and what the user is told, where it is told; never waits and never fails.
Listener = Callable[[str, str, Mapping[str, Any]], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call it with all that this process tells users from now on; apps above register when Django is ready."""
    _listeners.append(listener)


class UserUpdates:
    """The changes that wait to be told, by user."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[_Change]] = defaultdict(list)
        # How many of each user's changes were lost and not counted.
        self._lost: dict[str, int] = {}
        self._telling: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._log_throttle = LogThrottle()

    def tell(self, user_id: str, kind: str, change: Mapping[str, Any]) -> None:
        """Tell the user's connections soon; never waits and never fails."""
        self._waiting[user_id].append((kind, change))
        for listener in _listeners:
            listener(user_id, kind, change)
        if user_id not in self._telling:
            self._telling.add(user_id)
            task = create_background_task(self._tell_all(user_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tell_all(self, user_id: str) -> None:
        try:
            while changes := self._waiting.pop(user_id, None):
                last = await self._count(user_id, len(changes))
                for revision, (kind, change) in enumerate(changes, last - len(changes) + 1):
                    event = UserUpdated(revision, kind, change)
                    get_hub().publish_to_user(user_id, event.name, orjson.dumps(event.data()))
        except Exception as error:  # the change itself was made: other devices have it when they next read anew
            self._lose(user_id, len(self._waiting.pop(user_id, ())))
            if self._log_throttle.should_log():
                logger.warning("a user's other connections could not be told of a change: %r", error)
        finally:
            self._telling.discard(user_id)

    async def _count(self, user_id: str, count: int) -> int:
        """Count so many changes, and those that were lost before, and return the new revision."""
        lost = self._lost.get(user_id, 0)
        try:
            revision = await models.add_to_revision(user_id, lost + count)
        except Exception:
            self._lose(user_id, count)
            raise
        self._lost.pop(user_id, None)
        return revision

    def _lose(self, user_id: str, count: int) -> None:
        if count:
            self._lost[user_id] = self._lost.get(user_id, 0) + count
        if len(self._lost) > _MAX_LOST:
            del self._lost[next(iter(self._lost))]

    async def wait(self) -> None:
        """Return when everything was told."""
        while self._tasks:
            await asyncio.wait(self._tasks)


# The updates of the running event loop.
user_updates = PerLoop(UserUpdates)
