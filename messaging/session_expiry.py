"""Closes connections whose session is over: its token has expired, it was revoked, or its user was removed."""

import asyncio
import time

from django.conf import settings

from foundation.errors import AppError, TokenExpired
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub
from users.revoked import is_over, revoked_sessions
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
    for connection in get_hub().connections():
        if is_over(ended, session_id=connection.state.claims.session_id, user_id=connection.user_id):
            _close(connection)


def _close(connection: Connection) -> None:
    """Send `error` and close; nothing more is delivered in between."""
    error: AppError = TokenExpired()
    connection.emit_or_close("error", error.as_wire())
    get_hub().remove(connection)
    connection.end(SESSION_OVER, error.code)
