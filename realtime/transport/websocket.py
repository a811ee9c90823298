"""The two sides of an open websocket: the socket that is written to, and the handler that gets its frames."""

from typing import Protocol

from .encoded import Encoded, RawPacket


class Socket(Protocol):
    """What a handler writes to. No method blocks, and none fails when the peer is gone."""

    # Receives the frames. When an upgrade completes, the session takes its place here.
    handler: "SocketHandler"

    @property
    def ready(self) -> bool:
        """Whether more may be written; when this becomes true again, the handler's `writable` is called."""
        ...

    def write(self, encoded: Encoded) -> None: ...

    def close(self, code: int, reason: str = "") -> None:
        """Close it once what was written has left."""
        ...

    def pause(self) -> None:
        """Read nothing more from the peer until `resume`."""
        ...

    def resume(self) -> None: ...

    def limit(self, max_payload: int) -> None:
        """Take messages of so many bytes at most, if it can refuse larger ones before it has them."""
        ...


class SocketHandler(Protocol):
    """What is called when something happens on a websocket, as `asyncio.Protocol` is for a transport."""

    def opened(self, socket: Socket) -> None: ...

    def frame_received(self, frame: RawPacket) -> None:
        """Handle a whole message: the frames of a fragmented one have been joined."""
        ...

    def charge(self, seconds: float) -> None:
        """Charge the client what parsing many of its frames took (`foundation.limits.compute`)."""
        ...

    def too_large(self) -> None:
        """A message over the socket's limit has begun; the websocket is closed with 1009 after this."""
        ...

    def writable(self) -> None:
        """The websocket is ready again."""
        ...

    def lost(self, code: int) -> None:
        """The websocket is gone; called once."""
        ...
