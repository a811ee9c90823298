"""What realtime serves: any application that can say who may connect and what its events do."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol

from foundation.errors import ChatError, Invalid, Unavailable
from realtime.hub.connection import Connection

logger = logging.getLogger(__name__)

# What a connection is ended with when it could not be brought in.
TRY_AGAIN = 4013
# Seconds until somebody who could not be brought in is tried again, and for how long that goes on. A client whose line
# is ended comes back at once and does not slow down, for it had been let in.
_RETRY_AFTER = (1.0, 4.0)
_RETRY_FOR = 30.0


class HalfwayIn(Exception):
    """`enter` failed when the client had been told something already: it must come back, and say what it has."""


# Takes an event's data and returns what its acknowledgement says, at once or later.
Handler = Callable[[Connection, Any], Awaitable["dict[str, Any] | Deferred | None"]]
Reply = Callable[[list[Any]], None]


@dataclass(frozen=True, slots=True)
class Deferred:
    """An event whose outcome the connection's next events need not wait for."""

    outcome: Coroutine[Any, Any, dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client brings: the payload it connects with, and the headers of the request that opened its line."""

    auth: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def cookies(self) -> dict[str, str]:
        try:
            found: SimpleCookie = SimpleCookie(self.headers.get("cookie", ""))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in found.items()}


class Application(Protocol):
    """Lives in one namespace; the same for every transport."""

    async def authenticate(self, connection: Connection, handshake: Handshake) -> None:
        """Set who the connection is, or raise `ChatError` to refuse it."""
        ...

    async def enter(self, connection: Connection, handshake: Handshake) -> None:
        """Bring an accepted connection to where it gets its events; raises `HalfwayIn` if that must not be repeated."""
        ...

    async def on_event(self, connection: Connection, event: Any, arguments: list[Any], reply: Reply | None) -> None:
        """Handle one event; `reply` takes the arguments of its acknowledgement, now or later, if one is wanted."""
        ...

    async def exit(self, connection: Connection) -> None:
        """Take leave of a connection that is gone."""
        ...


async def bring_in(application: Application, connection: Connection, handshake: Handshake) -> None:
    """Let an accepted connection enter; when it cannot for now, tell it, try again for a while, and end it at last."""
    try:
        await _try_to_bring_in(application, connection, handshake)
    except HalfwayIn:
        _tell(connection, Unavailable())
        await _wait()
        connection.end(TRY_AGAIN, "try again later")


async def _try_to_bring_in(application: Application, connection: Connection, handshake: Handshake) -> None:
    refusal = await _refusal(application.enter(connection, handshake))
    if refusal is None:
        return
    _tell(connection, refusal)
    until = time.monotonic() + _RETRY_FOR
    while refusal.retryable and time.monotonic() < until:
        await _wait()
        told, refusal = refusal, await _refusal(_enter_anew(application, connection, handshake))
        if refusal is None:
            return
        if refusal.code != told.code:
            _tell(connection, refusal)
    connection.end(TRY_AGAIN, "try again later")


async def _wait() -> None:
    await asyncio.sleep(random.uniform(*_RETRY_AFTER))  # noqa: S311 - spreads those who wait, no secret


def _tell(connection: Connection, refusal: ChatError) -> None:
    connection.emit("error", {"event": "connect", **refusal.as_wire()})


async def _enter_anew(application: Application, connection: Connection, handshake: Handshake) -> None:
    # Nobody told a connection that was outside of what happened to its session meanwhile.
    await application.authenticate(connection, handshake)
    await application.enter(connection, handshake)


async def _refusal(entering: Awaitable[None]) -> ChatError | None:
    """Return why somebody did not get in."""
    try:
        await entering
    except HalfwayIn:
        raise
    except ChatError as error:
        return error
    except Exception:  # a bug must not leave a connection that nothing reaches
        logger.exception("a connection could not be brought in")
        return Unavailable("Internal error.")
    return None


async def dispatch(
    handlers: Mapping[str, Handler], connection: Connection, event: Any, arguments: list[Any]
) -> dict[str, Any] | asyncio.Task[dict[str, Any]]:
    """Call an event's handler and return its acknowledgement, `{"ok": true, ...}` or `{"ok": false, "error": ...}`.

    It is a task where the handler says that its outcome comes later.
    """
    try:
        handler = handlers.get(event) if isinstance(event, str) else None
        if handler is None:
            raise Invalid(f"There is no such event: this server knows {', '.join(sorted(handlers))}.")
        if len(arguments) != 1:
            raise Invalid("An event takes exactly one argument, an object.")
        result = await handler(connection, arguments[0])
    except ChatError as refusal:
        return _refused(refusal)
    if isinstance(result, Deferred):
        return asyncio.create_task(_answer_of(result))
    return {"ok": True, **(result or {})}


async def _answer_of(later: Deferred) -> dict[str, Any]:
    try:
        return {"ok": True, **(await later.outcome or {})}
    except ChatError as refusal:
        return _refused(refusal)
    except Exception:  # a bug must cost this event alone
        logger.exception("an event could not be handled")
        return _refused(Unavailable("Internal error."))


def _refused(refusal: ChatError) -> dict[str, Any]:
    return {"ok": False, "error": refusal.as_wire()}
