"""Connects a client; once it was accepted, and while a part of the server is down, with retries.

Without them, an outage of the store would close every connection, and all clients would reconnect at once, again and
again: they do not back off after a handshake that was accepted.
"""

import asyncio
import logging
import random
import time

from foundation.counters import INTERNAL, errors
from foundation.errors import AppError, Forbidden, Unavailable
from realtime.hub.connection import TRY_AGAIN_LATER, Connection

from .application import Consumer, Handshake

logger = logging.getLogger(__name__)

# Seconds before each retry, at random in between, so that clients do not retry in step; and seconds of retrying.
RETRY_DELAY = (1.0, 4.0)
RETRY_TIMEOUT = 30.0


class ReconnectRequired(Exception):
    """`connect` failed after it had sent something; only a new handshake says what the client has received of it."""


async def connect_with_retries(consumer: Consumer, connection: Connection, handshake: Handshake) -> None:
    """Call the consumer's `connect` until it succeeds; send each new error to the client, and close in the end.

    Raises what it raises before it has accepted the client.
    """
    try:
        await _connect(consumer, connection, handshake)
    except ReconnectRequired:
        _send_error(connection, Unavailable())
        await _delay()
        _close(connection)


async def _connect(consumer: Consumer, connection: Connection, handshake: Handshake) -> None:
    error = await _error_of(consumer, handshake)
    if error is None:
        return
    _send_error(connection, error)
    deadline = time.monotonic() + RETRY_TIMEOUT
    while error.retryable and time.monotonic() < deadline:
        await _delay()
        # The whole of it: the session may have been revoked, and only connections of the hub are closed for that.
        previous, error = error, await _error_of(consumer, handshake)
        if error is None:
            return
        if error.code != previous.code:
            _send_error(connection, error)
    _close(connection)


async def _delay() -> None:
    await asyncio.sleep(random.uniform(*RETRY_DELAY))  # noqa: S311 - jitter, no secret


def _send_error(connection: Connection, error: AppError) -> None:
    errors.count(error.code)
    connection.emit("error", {"event": "connect", **error.as_wire()})


def _close(connection: Connection) -> None:
    connection.end(TRY_AGAIN_LATER, "try again later")


async def _error_of(consumer: Consumer, handshake: Handshake) -> AppError | None:
    try:
        await consumer.connect(handshake)
    except ReconnectRequired:
        raise
    except Exception as error:
        if not consumer.accepted:
            raise
        if isinstance(error, AppError):
            return error
        # A bug must not leave a connection that is open and gets nothing.
        errors.count(INTERNAL)
        logger.exception("a client could not be connected")
        return Unavailable("Internal error.")
    if not consumer.accepted:
        raise Forbidden
    return None
