"""What a session has to do with: its settings, the server that keeps it, and what speaks over it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .heartbeat import Heartbeat

if TYPE_CHECKING:
    from .session import EngineSession


@dataclass(frozen=True, slots=True)
class Settings:
    """Intervals in seconds, sizes in bytes."""

    ping_interval: float
    ping_timeout: float
    connect_timeout: float
    upgrade_timeout: float
    max_payload: int
    # How long a polling session waits for its websocket before it reads: if that is opened in another process, the
    # session moves there with all it has, instead of being relayed for life. 0 where there is one process only.
    takeover_wait: float = 0.0


class SessionHandler(Protocol):
    """What speaks over a session: Socket.IO, or a bare echo."""

    def on_open(self, session: "EngineSession") -> None: ...

    async def on_message(self, session: "EngineSession", data: str | bytes) -> None: ...

    async def on_close(self, session: "EngineSession", reason: str) -> None: ...


class SessionHost(Protocol):
    """What sessions of one path share: the server that keeps them."""

    settings: Settings
    heartbeat: Heartbeat

    def on_closed(self, session: "EngineSession") -> None: ...


class SessionError(Exception):
    """A request that does not fit the session; `code` as in Engine.IO's error bodies."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
