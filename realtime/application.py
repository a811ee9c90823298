"""What realtime serves: any application that can say who may connect and what its events do."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol

from chatproject.errors import ChatError, Invalid, Unavailable

from .connection import Connection

logger = logging.getLogger(__name__)

# What a connection is ended with when it could not be brought in for now, and after how many seconds: clients come back
# at once and do not slow down, for they had been let in.
TRY_AGAIN = 4013
_HELD_SECONDS = (1.0, 4.0)

# Takes an event's data and returns what its acknowledgement says, at once or later.
Handler = Callable[[Connection, Any], Awaitable["dict[str, Any] | Later | None"]]
Reply = Callable[[list[Any]], None]


@dataclass(frozen=True, slots=True)
class Later:
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
        """Bring an accepted connection to where it gets its events."""
        ...

    async def on_event(self, connection: Connection, event: Any, arguments: list[Any], reply: Reply | None) -> None:
        """Handle one event; `reply` takes the arguments of its acknowledgement, now or later, if one is wanted."""
        ...

    async def exit(self, connection: Connection) -> None:
        """Take leave of a connection that is gone."""
        ...


async def bring_in(application: Application, connection: Connection, handshake: Handshake) -> None:
    """Let an accepted connection enter, or tell it why it cannot, and end it a little later."""
    try:
        await application.enter(connection, handshake)
        return
    except ChatError as error:
        refusal = error
    except Exception:  # a bug must not leave a connection that nothing reaches
        logger.exception("a connection could not be brought in")
        refusal = Unavailable("Internal error.")
    connection.emit("error", {"event": "connect", **refusal.as_wire()})
    await asyncio.sleep(random.uniform(*_HELD_SECONDS))  # noqa: S311 - spreads those who come back, no secret
    connection.end(TRY_AGAIN, "try again later")


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
    if isinstance(result, Later):
        return asyncio.create_task(_answer_of(result))
    return {"ok": True, **(result or {})}


async def _answer_of(later: Later) -> dict[str, Any]:
    try:
        return {"ok": True, **(await later.outcome or {})}
    except ChatError as refusal:
        return _refused(refusal)
    except Exception:  # a bug must cost this event alone
        logger.exception("an event could not be handled")
        return _refused(Unavailable("Internal error."))


def _refused(refusal: ChatError) -> dict[str, Any]:
    return {"ok": False, "error": refusal.as_wire()}
