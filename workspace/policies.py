"""The settings of the workspace as this process knows them, and whom they permit what.

They are read when somebody asks for them first, when another process has told of a change (as of a person whose
standing has changed, `users.revoked`), and every `_MAX_AGE` seconds: so asking is no read of the store.
"""

import asyncio
from collections import deque
from time import monotonic

from foundation.errors import Forbidden, Unavailable
from foundation.per_loop import PerLoop
from foundation.tasks import create_background_task
from users import user_cache
from users.actor import Actor
from users.revoked import revoked_sessions
from users.roles import GUEST, is_administrator

from . import models
from .rows import WORKSPACE
from .settings import ADMINS, EVERYONE, Workspace

# In seconds; and how long nobody tries again while the store is down.
_MAX_AGE, _RETRY_SECONDS = 60.0, 5.0


# For whoever has no event loop: what any of this process has read last.
_latest: deque[Workspace] = deque(maxlen=1)


class _Current:
    """The settings that were read last; whoever needs later ones waits for one read that all share."""

    def __init__(self) -> None:
        self._workspace: Workspace | None = None
        self._good_until = 0.0
        self._reading: asyncio.Task[Workspace] | None = None

    @property
    def _is_fresh(self) -> bool:
        is_told = self._workspace is not None and self._workspace.version >= user_cache.told_standing(WORKSPACE)
        return is_told and monotonic() < self._good_until

    async def get(self) -> Workspace:
        if self._workspace and self._is_fresh:
            return self._workspace
        if self._reading is None or self._reading.done():
            self._reading = create_background_task(self._read())
            # Whoever waited may have gone away.
            self._reading.add_done_callback(lambda task: task.cancelled() or task.exception())
        # shield: who waits may be cancelled, and others wait for the same.
        return await asyncio.shield(self._reading)

    async def _read(self) -> Workspace:
        try:
            return self.put(await models.load())
        except Unavailable:
            # While the store is down they stay as they were, and not everybody waits for it.
            if self._workspace is None:
                raise
            self._good_until = monotonic() + _RETRY_SECONDS
            return self._workspace

    def put(self, workspace: Workspace) -> Workspace:
        """Take these settings, unless later ones are known, and return those that are."""
        if self._workspace is None or workspace.version >= self._workspace.version:
            self._workspace, self._good_until = workspace, monotonic() + _MAX_AGE
            _latest.append(workspace)
        return self._workspace


_current = PerLoop(_Current)


def latest() -> Workspace | None:
    """Return the settings that were read last in this process, None before; reads nothing, and waits for nothing."""
    return _latest[-1] if _latest else None


async def get_current() -> Workspace:
    """Return the settings; raises `Unavailable` as long as they were never read."""
    return await _current().get()


async def tell(workspace: Workspace) -> bool:
    """Have all processes know the settings; return False while some may not hear of it."""
    _current().put(workspace)
    return await revoked_sessions().change_user(WORKSPACE, workspace.version)


async def may(actor: Actor, act: str) -> bool:
    """Return whether the settings permit the actor an act such as `settings.MAKE_GROUPS`; raises `Unavailable`."""
    return await permits(actor.role, act)


async def permits(role: str, act: str) -> bool:
    """Return whether the settings permit an act to who has this role; raises `Unavailable`."""
    if is_administrator(role):
        return True
    audience = (await get_current()).audiences[act]
    return audience == EVERYONE or (audience != ADMINS and role != GUEST)


async def require(actor: Actor, act: str) -> None:
    """Raise `Forbidden` unless the settings permit the actor this; `Unavailable`."""
    if not await may(actor, act):
        raise Forbidden("The settings of this workspace do not permit you this: ask an administrator.")
