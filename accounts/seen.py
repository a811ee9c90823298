"""Notes where sessions are seen, at most every few minutes each, in the background: a request costs one look-up.

A session that is used and has no row has ended: it is ended once more.
"""

import asyncio
import logging
from time import monotonic

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import create_background_task
from users.revoked import revoked_sessions
from users.tokens import Claims

from . import models, session_models
from .access import keeps_accounts
from .devices import stored_agent

logger = logging.getLogger(__name__)
INTERVAL = 300.0
_MAX_KNOWN = 20_000
_MAX_WRITES = 100


class Seen:
    """When each session was last noted, with its token's expiry: a renewed token is noted at once."""

    def __init__(self) -> None:
        self._noted: dict[str, tuple[float, int]] = {}
        self._writes: set[asyncio.Task[None]] = set()
        self._log_throttle = LogThrottle()

    def note(self, claims: Claims, *, address: str | None = None, agent: str | None = None) -> None:
        """Note a use of a session soon; never waits and never fails. Sockets know little of where: None is unknown."""
        noted_at, expires_at = self._noted.get(claims.session_id, (0.0, 0))
        now = monotonic()
        is_due = now - noted_at > INTERVAL or claims.expires_at > expires_at
        if not is_due or len(self._writes) >= _MAX_WRITES or not keeps_accounts():
            return
        self._noted.pop(claims.session_id, None)
        self._noted[claims.session_id] = (now, max(claims.expires_at, expires_at))
        if len(self._noted) > _MAX_KNOWN:
            del self._noted[next(iter(self._noted))]
        task = create_background_task(self._write(claims, address, None if agent is None else stored_agent(agent)))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _write(self, claims: Claims, address: str | None, agent: str | None) -> None:
        try:
            is_there = await session_models.note_use(
                claims.user_id,
                claims.session_id,
                address=address,
                agent=agent,
                token_expires_at=claims.expires_at,
            )
            # Its row went when it ended. Redis, which alone says that, may have lost it since.
            if not is_there and await models.get(claims.user_id):
                await revoked_sessions().revoke(claims.session_id, claims.expires_at)
        except Exception as error:
            self._noted.pop(claims.session_id, None)
            if self._log_throttle.should_log():
                logger.warning("where sessions are seen could not be noted: %r", error)


seen = PerLoop(Seen)
