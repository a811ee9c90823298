"""Closes connections whose session is over: its token has expired, it was revoked, or its user was removed.

Those of somebody whose standing has changed read it anew: from then on their events are handled by their new role.
"""

import asyncio
import time

from django.conf import settings

from foundation.errors import AppError, Deactivated, TokenExpired
from foundation.tasks import create_background_task
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub
from users.revoked import is_deactivated, is_over, revoked_sessions, standings_in
from users.tokens import Claims

# The close code of a session that is over; the client reconnects with a fresh token.
SESSION_OVER = 4001


def close_at_expiry(connection: Connection, claims: Claims) -> None:
    """Close the connection when this token expires, instead of when the one before it does."""
    if connection.expiry:
        connection.expiry.cancel()
    delay = claims.expires_at + settings.TOKEN_LEEWAY - time.time()
    connection.expiry = asyncio.get_running_loop().call_later(max(0.0, delay), _close, connection)


def close_revoked_sessions() -> None:
    """From now on, close the connections of each session that is revoked, in whatever process."""
    revoked_sessions().add_listener(_on_revoked)


def _on_revoked(ended: set[str]) -> None:
    changed = standings_in(ended)
    for connection in get_hub().connections():
        if is_deactivated(ended, user_id=connection.user_id):
            _close(connection, Deactivated())
        elif is_over(ended, session_id=connection.state.claims.session_id, user_id=connection.user_id):
            _close(connection)
        elif connection.user_id in changed:
            create_background_task(_read_anew(connection))


async def _read_anew(connection: Connection) -> None:
    """Read the user of a connection; one who is kept out, or cannot be read, loses it, and may connect again."""
    try:
        await connection.state.load_actor()
    except AppError as error:
        _close(connection, error)


def _close(connection: Connection, error: AppError | None = None) -> None:
    """Send `error` and close; nothing more is delivered in between."""
    error = error or TokenExpired()
    connection.emit_or_close("error", error.as_wire())
    get_hub().remove(connection)
    connection.end(SESSION_OVER, error.code)
