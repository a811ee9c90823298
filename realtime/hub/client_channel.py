"""What a connection writes to, on any transport."""

from typing import Protocol

from realtime.transport.encoded import Encoded


class ClientChannel(Protocol):
    """Sends packets to a client in order, without blocking."""

    @property
    def transport(self) -> str:
        """What carries it at the moment: `websocket` or `polling` of Socket.IO, or `json`."""
        ...

    @property
    def backlog(self) -> int:
        """How many packets are queued."""
        ...

    def send(self, encoded: Encoded) -> None: ...

    def close(self, reason: str, *, code: int = 1000) -> None:
        """Close once what is queued was written."""
        ...


class NoChannel:
    """The channel of a connection whose client has gone, over a transport that is known still."""

    __slots__ = ("transport",)
    backlog = 0

    def __init__(self, transport: str) -> None:
        self.transport = transport

    def send(self, encoded: Encoded) -> None:
        pass

    def close(self, reason: str, *, code: int = 1000) -> None:
        pass
