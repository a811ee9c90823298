"""The base of websocket handlers: an inbox that slows the peer down, and an outbox that waits for it."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from .encoded import RawPacket, utf8_size
from .inbox import MAX_PENDING, Inbox
from .outbox import Outbox
from .websocket import Socket

T = TypeVar("T")


class BufferedHandler(ABC, Generic[T]):
    """A `SocketHandler` with backpressure in both directions; `T` is what waits in its inbox.

    While the inbox is full, the websocket is not read; while the websocket is full, packets wait in the outbox.
    """

    __slots__ = ("_inbox", "_max_payload", "_outbox", "_socket")

    def __init__(self, max_payload: int) -> None:
        self._max_payload = max_payload
        self._socket: Socket | None = None
        self._outbox = Outbox(on_overflow=self._on_overflow)
        self._inbox: Inbox[T] = Inbox(self._handle, on_drained=self._on_drained)

    # --- what the websocket calls ------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        socket.handler = self
        self._socket = socket
        self._outbox.attach(socket)

    def frame_received(self, frame: RawPacket) -> None:
        # The size of most frames costs no call, and neither does the check of the inbox: this runs for each frame.
        size = len(frame) if isinstance(frame, bytes) or frame.isascii() else utf8_size(frame)
        if size > self._max_payload:
            self._on_too_large()
            return
        self._receive(frame)
        if self._inbox.pending >= MAX_PENDING and self._socket:
            self._socket.pause()

    def writable(self) -> None:
        self._outbox.flush()

    def lost(self, code: int) -> None:
        self._socket = None
        self._outbox.detach()

    # --- what the buffers call ---------------------------------------------------------------------------------------
    def _on_drained(self) -> None:
        if self._socket:
            self._socket.resume()

    def _on_overflow(self) -> None:
        # What waits will not be read, and would only hold up the end.
        self._outbox.clear()
        self._on_too_slow()

    # --- what a handler says -----------------------------------------------------------------------------------------
    @abstractmethod
    def _receive(self, frame: RawPacket) -> None:
        """Put into the inbox what a frame of the allowed size means, or end the websocket."""

    @abstractmethod
    async def _handle(self, item: T) -> None:
        """Handle one item of the inbox; the next one waits for it."""

    @abstractmethod
    def _on_too_large(self) -> None:
        """End the websocket: a frame was over `max_payload` bytes."""

    @abstractmethod
    def _on_too_slow(self) -> None:
        """End the websocket: the client does not read, and its outbox is over its bounds."""
