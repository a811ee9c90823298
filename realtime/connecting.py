"""Connects a client that was authenticated; while a part of the server is down, with retries.

Without them, an outage of the store would close every connection, and all clients would reconnect at once, again and
again: they do not back off after a handshake that was accepted.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable

from foundation.errors import AppError, Unavailable
from realtime.hub.connection import TRY_AGAIN_LATER, Connection

from .application import Application, Handshake

logger = logging.getLogger(__name__)

# Seconds before each retry, at random in between, so that clients do not retry in step; and seconds of retrying.
RETRY_DELAY = (1.0, 4.0)
RETRY_TIMEOUT = 30.0


class ReconnectRequired(Exception):
    """`connect` failed after it had sent something; only a new handshake says what the client has received of it."""


async def connect_with_retries(application: Application, connection: Connection, handshake: Handshake) -> None:
    """Call the application's `connect` until it succeeds; send each new error to the client, and close in the end."""
    try:
        await _connect(application, connection, handshake)
    except ReconnectRequired:
        _send_error(connection, Unavailable())
        await _delay()
        _close(connection)


async def _connect(application: Application, connection: Connection, handshake: Handshake) -> None:
    error = await _error_of(application.connect(connection, handshake))
    if error is None:
        return
    _send_error(connection, error)
    deadline = time.monotonic() + RETRY_TIMEOUT
    while error.retryable and time.monotonic() < deadline:
        await _delay()
        previous, error = error, await _error_of(_reconnect(application, connection, handshake))
        if error is None:
            return
        if error.code != previous.code:
            _send_error(connection, error)
    _close(connection)


async def _delay() -> None:
    await asyncio.sleep(random.uniform(*RETRY_DELAY))  # noqa: S311 - jitter, no secret


def _send_error(connection: Connection, error: AppError) -> None:
    connection.emit("error", {"event": "connect", **error.as_wire()})


def _close(connection: Connection) -> None:
    connection.end(TRY_AGAIN_LATER, "try again later")


async def _reconnect(application: Application, connection: Connection, handshake: Handshake) -> None:
    # The session may have been revoked meanwhile, and only connections of the hub are closed for that.
    await application.authenticate(connection, handshake)
    await application.connect(connection, handshake)


async def _error_of(attempt: Awaitable[None]) -> AppError | None:
    try:
        await attempt
    except ReconnectRequired:
        raise
    except AppError as error:
        return error
    except Exception:  # a bug must not leave a connection that is open and gets nothing
        logger.exception("a client could not be connected")
        return Unavailable("Internal error.")
    return None
