"""What a connection writes to, whatever the transport."""

from typing import Protocol


class Line(Protocol):
    """A client's line: `send` queues without blocking, in order; `close` ends it once what is queued was written."""

    @property
    def backlog(self) -> int:
        """How many packets wait to be written."""
        ...

    def send(self, *packets: str | bytes) -> None: ...

    def close(self, reason: str, *, code: int = 1000) -> None: ...
