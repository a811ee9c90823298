"""Dispatches the events of a connection to the handlers that its consumer declares."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from foundation.answering import in_time
from foundation.counters import INTERNAL, errors
from foundation.errors import AppError, Invalid, RateLimited, Unavailable
from foundation.limits import bucket
from foundation.validation import echoed
from realtime.hub.connection import Connection

from .application import Acknowledge

logger = logging.getLogger(__name__)

# How many deferred outcomes of one connection may be pending before its next event waits.
MAX_DEFERRED = 64
# How long a connection whose event was over a limit waits for its next one.
REFUSED_SECONDS = 0.1
# The budget of events that nobody handles.
INVALID_EVENT = "invalid_event"

Result = dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Deferred:
    """What a handler returns when the connection's next pipelined event need not wait for its outcome."""

    outcome: Coroutine[Any, Any, Result]


class EventHandler(Protocol):
    """A declared event."""

    @property
    def pipelined(self) -> bool:
        """Whether the event is handled while outcomes of earlier events are still pending."""
        ...

    @property
    def answer(self) -> str | None:
        """The event in which the result is sent to a client that asked for no acknowledgement, if any."""
        ...

    def handle(self, consumer: "EventDispatcher", data: Any) -> Coroutine[Any, Any, Result | Deferred]:
        """Return what the acknowledgement has beside `ok`; raises `AppError` to refuse the event."""
        ...


class EventDispatcher:
    """The part of a consumer that handles events which take one object and return one.

    An event is acknowledged with `{"ok": true, ...}` or `{"ok": false, "error": ...}`. If the client asked for no
    acknowledgement, a failure is sent as an `error` event, and a result as the event that the handler names, if any.
    """

    connection: Connection
    # The events that clients may send, by name: the only place where a client's word is looked up.
    events: Mapping[str, EventHandler] = {}

    async def receive_event(self, event: Any, arguments: list[Any], acknowledge: Acknowledge | None) -> None:
        """Handle one event; the protocol calls this for a connection's events one by one, in their order."""
        handler = self.events.get(event) if isinstance(event, str) else None
        pending = self.connection.deferred
        if pending and not (handler and handler.pipelined and len(pending) < MAX_DEFERRED):
            await asyncio.wait(pending)
        try:
            result = await self._handle(handler, arguments)
        except Exception as error:  # a bug must cost this event, not the connection
            _fail(self.connection, event, error, acknowledge)
            if isinstance(error, Invalid):
                await count_invalid(self.connection)
            elif isinstance(error, RateLimited):
                # The connection's next event waits: refusing as fast as a client sends costs others as much as serving.
                await asyncio.sleep(REFUSED_SECONDS)
            return
        if isinstance(result, Deferred):
            _add_deferred(self.connection, _finish(self.connection, event, result, acknowledge))
        elif acknowledge:
            acknowledge([{"ok": True, **(result or {})}])
        elif handler and handler.answer:
            self.connection.emit(handler.answer, result)

    async def _handle(self, handler: EventHandler | None, arguments: list[Any]) -> Result | Deferred:
        bucket.require(INVALID_EVENT, self.connection.user_id)
        if handler is None:
            raise Invalid(f"There is no such event: this server knows {', '.join(sorted(self.events))}.")
        if len(arguments) != 1:
            raise Invalid("An event takes exactly one argument, an object.")
        handling = handler.handle(self, arguments[0])
        # A pipelined event bounds itself: a timer for each message would be felt.
        return await (handling if handler.pipelined else in_time(handling))


async def count_invalid(connection: Connection) -> None:
    """Count what a client sent in vain; over the budget its next waits, and events are refused unread."""
    try:
        bucket.draw(INVALID_EVENT, connection.user_id)
    except RateLimited:
        await asyncio.sleep(REFUSED_SECONDS)


def _add_deferred(connection: Connection, outcome: Coroutine[Any, Any, None]) -> None:
    # Most connections only listen: the set is made when the first outcome is deferred.
    pending = connection.deferred = connection.deferred or set()
    task = asyncio.create_task(outcome)
    pending.add(task)
    task.add_done_callback(pending.discard)


async def _finish(connection: Connection, event: Any, deferred: Deferred, acknowledge: Acknowledge | None) -> None:
    try:
        result = await deferred.outcome
    except Exception as error:
        _fail(connection, event, error, acknowledge)
    else:
        if acknowledge:
            acknowledge([{"ok": True, **(result or {})}])


def _fail(connection: Connection, event: Any, error: Exception, acknowledge: Acknowledge | None) -> None:
    errors.count(error.code if isinstance(error, AppError) else INTERNAL)
    if not isinstance(error, AppError):
        logger.error("an event could not be handled", exc_info=error)
        error = Unavailable("Internal error.")
    if acknowledge:
        acknowledge([{"ok": False, "error": error.as_wire()}])
    else:
        connection.emit("error", {"event": echoed(str(event)), **error.as_wire()})
