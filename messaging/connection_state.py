"""What the chat keeps of a connection, in `Connection.state`."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from users.actor import Actor
from users.actors import get_or_create_actor
from users.tokens import Claims


@dataclass(slots=True)
class ConnectionState:
    """The session that a connection was authenticated for, and what its client has said."""

    claims: Claims
    # The last seq that the client has of each group; None once `connect` has used it.
    since: Mapping[str, int] | None = None
    # Whether the client wants to know, in `ready`, what is unread in the threads that the user follows.
    counts_threads: bool = False
    # Held while rooms are joined: by `connect`, or because the user was added to a group.
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    # "online" or "away"; None until the connection is connected.
    status: str | None = None
    _actor: Actor | None = field(default=None, init=False)

    @property
    def actor(self) -> Actor:
        """The user, on whose behalf the connection's events are handled; only after `load_actor`."""
        assert self._actor, "the connection is not connected yet"
        return self._actor

    async def load_actor(self) -> None:
        """Read the user of the claims, and create them on their first connection; raises `Unavailable`."""
        self._actor = await get_or_create_actor(claims=self.claims)

    def renew(self, claims: Claims) -> None:
        """Replace the claims with later ones of the same user."""
        # Without an await: a revocation must find either the old session or the new one.
        self._actor = replace(self.actor, session_id=claims.session_id, expires_at=claims.expires_at)
        self.claims = claims
