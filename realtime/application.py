"""What realtime serves: any application that can say who may connect and what its events do."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol

from chatproject.errors import ChatError, Invalid

from .connection import Connection

Handler = Callable[[Connection, Any], Awaitable[dict[str, Any] | None]]


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

    async def on_event(
        self, connection: Connection, event: Any, arguments: list[Any], *, wants_answer: bool
    ) -> list[Any] | None:
        """Handle one event and return the arguments of its acknowledgement; None acknowledges nothing."""
        ...

    async def exit(self, connection: Connection) -> None:
        """Take leave of a connection that is gone."""
        ...


async def dispatch(handlers: Mapping[str, Handler], connection: Connection, event: Any, arguments: list[Any]) -> Any:
    """Call an event's handler and return the acknowledgement: `{"ok": true, ...}` or `{"ok": false, "error": ...}`."""
    try:
        handler = handlers.get(event) if isinstance(event, str) else None
        if handler is None:
            raise Invalid(f"There is no such event: this server knows {', '.join(sorted(handlers))}.")
        if len(arguments) != 1:
            raise Invalid("An event takes exactly one argument, an object.")
        result = await handler(connection, arguments[0])
    except ChatError as refusal:
        return {"ok": False, "error": refusal.as_wire()}
    return {"ok": True, **(result or {})}
