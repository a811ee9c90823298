"""What the parts of Engine.IO know of each other: settings, errors, and the protocols around a session."""

from dataclasses import dataclass
from typing import Protocol

from realtime.transport.encoded import Encoded, RawPacket

from .heartbeat import Heartbeat

# Codes of `SessionError`, as in the error bodies of the protocol.
UNKNOWN_SESSION, BAD_REQUEST = 1, 3


@dataclass(frozen=True, slots=True)
class Settings:
    """Intervals in seconds, sizes in bytes."""

    ping_interval: float
    ping_timeout: float
    connect_timeout: float
    upgrade_timeout: float
    max_payload: int
    # How long a polling session waits for its websocket before it handles its first message: if the websocket opens in
    # another process meanwhile, the session moves there instead of being relayed for life. 0 for a single process.
    takeover_wait: float = 0.0


class SessionError(Exception):
    """The request does not fit the session, or there is no such session."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class OperationFailed(Exception):
    """The process that owns the session could not do what it was called for: a bug, which it has logged."""


class SessionChannel(Protocol):
    """A session as its handler sees it (and as a connection does, which writes to it)."""

    @property
    def settings(self) -> Settings: ...

    @property
    def transport(self) -> str:
        """`polling` or `websocket`."""
        ...

    @property
    def backlog(self) -> int:
        """How many packets wait to be written."""
        ...

    def send(self, encoded: Encoded) -> None: ...

    def charge_to(self, caller: str) -> None:
        """Charge what the client costs from now on to `caller` (`foundation.limits.compute`)."""
        ...

    @property
    def is_behind(self) -> bool:
        """Whether what the client sent waits behind others, or has waited, and is being handled."""
        ...

    def lift_limits(self) -> None:
        """Take more from the client: it has signed in."""
        ...

    def close(self, reason: str, *, code: int = 1000) -> None: ...


class SessionHandler(Protocol):
    """The protocol that is spoken over a session: Socket.IO, or a bare echo."""

    def on_open(self, session: SessionChannel) -> None: ...

    async def on_message(self, session: SessionChannel, data: RawPacket) -> None:
        """Handle one message; the next one waits. Raises `ProtocolError` to close the session."""
        ...

    async def on_close(self, session: SessionChannel, reason: str) -> None: ...


class SessionHost(Protocol):
    """What the sessions of one path share: the server that keeps them."""

    settings: Settings
    heartbeat: Heartbeat

    def on_closed(self, sid: str) -> None: ...
