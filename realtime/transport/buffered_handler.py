"""The base of websocket handlers: an inbox that slows the peer down, and an outbox that waits for it."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from foundation.limits import compute

from .encoded import RawPacket, utf8_size
from .inbox import Inbox
from .outbox import Outbox
from .websocket import Socket

T = TypeVar("T")

# The bytes of a frame before its client has signed in: the places that it has of some 4,000 groups.
MAX_ANONYMOUS_PAYLOAD = 128 * 1024


class BufferedHandler(ABC, Generic[T]):
    """A `SocketHandler` with backpressure in both directions; `T` is what waits in its inbox.

    While the inbox is full, the websocket is not read; while the websocket is full, packets wait in the outbox. Until
    `lift_limits` a stranger's small bounds hold.
    """

    __slots__ = ("_inbox", "_max_payload", "_outbox", "_own_max_payload", "_socket")

    def __init__(self, max_payload: int) -> None:
        self._own_max_payload = max_payload
        self._max_payload = min(max_payload, MAX_ANONYMOUS_PAYLOAD)
        self._socket: Socket | None = None
        self._outbox = Outbox(on_overflow=self._on_overflow)
        self._inbox: Inbox[T] = Inbox(self._handle, on_drained=self._on_drained)

    def charge_to(self, caller: str) -> None:
        """Charge what the client costs from now on to `caller` (`foundation.limits.compute`)."""
        self._inbox.caller = caller

    @property
    def caller(self) -> str:
        return self._inbox.caller

    @property
    def is_behind(self) -> bool:
        """Whether what the client sent waits behind others, or has waited, and is being handled."""
        return self._inbox.is_behind

    def charge(self, seconds: float) -> None:
        compute.charge_step(self._inbox.caller, seconds)

    def lift_limits(self) -> None:
        """Give the client its own bounds: it has signed in."""
        self._max_payload = self._own_max_payload
        self._inbox.signed_in = True
        if self._socket:
            self._socket.limit(self._max_payload)

    # --- what the websocket calls ------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        socket.handler = self
        self._socket = socket
        socket.limit(self._max_payload)
        self._outbox.attach(socket)

    def frame_received(self, frame: RawPacket) -> None:
        # The size of most frames costs no call, and neither does the check of the inbox: this runs for each frame.
        size = len(frame) if isinstance(frame, bytes) or frame.isascii() else utf8_size(frame)
        if size > self._max_payload:
            self._on_too_large()
            return
        self._receive(frame)
        if self._inbox.is_full() and self._socket:
            self._socket.pause()

    def too_large(self) -> None:
        self._on_too_large()

    def writable(self) -> None:
        self._outbox.flush()

    def lost(self, code: int) -> None:
        self._socket = None
        self._outbox.detach()

    def _close_buffers(self) -> None:
        """Handle nothing more, and free the handler without the garbage collector once nobody has it."""
        self._inbox.close()
        self._outbox.seal()

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
