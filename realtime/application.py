"""What realtime serves: any application that can say who may connect and what its events do."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chatproject.errors import ChatError, Invalid

from .connection import Connection

Handler = Callable[[Connection, Any], Awaitable[dict[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client brings: the CONNECT payload, and the headers and cookies of the request that opened the socket."""

    auth: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)


class Application(Protocol):
    """Knows who may connect, and its events by their wire names; the same for every transport."""

    handlers: Mapping[str, Handler]

    async def authenticate(self, connection: Connection, handshake: Handshake) -> None:
        """Set who the connection is, or raise `ChatError` to refuse it."""
        ...

    async def enter(self, connection: Connection, handshake: Handshake) -> None:
        """Bring an accepted connection to where it gets its events."""
        ...

    async def exit(self, connection: Connection) -> None:
        """Take leave of a connection that is gone."""
        ...


async def dispatch(
    application: Application, connection: Connection, event: Any, arguments: list[Any]
) -> dict[str, Any]:
    """Call an event's handler and return the acknowledgement: `{"ok": true, ...}` or `{"ok": false, "error": ...}`."""
    try:
        handler = application.handlers.get(event) if isinstance(event, str) else None
        if handler is None:
            known = ", ".join(sorted(application.handlers))
            raise Invalid(f"There is no such event: this server knows {known}.")
        if len(arguments) != 1:
            raise Invalid("An event takes exactly one argument, an object.")
        result = await handler(connection, arguments[0])
    except ChatError as refusal:
        return {"ok": False, "error": refusal.as_wire()}
    return {"ok": True, **(result or {})}
