"""What a connection writes to, whatever the transport."""

from typing import Protocol

from realtime.transport.encoded import Encoded


class ClientChannel(Protocol):
    """A client's channel: `send` never blocks and keeps the order; `close` ends it once what is queued was written."""

    @property
    def backlog(self) -> int:
        """How many packets wait to be written."""
        ...

    def send(self, encoded: Encoded) -> None: ...

    def close(self, reason: str, *, code: int = 1000) -> None: ...
