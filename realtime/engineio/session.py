"""An Engine.IO session: one long-lived line to a client, whatever transport carries it just now.

The session lives in the process that opened it. Transports in other processes reach it by its sid (`cluster`).
"""

import asyncio
import contextlib
import logging
import sys

from realtime.transport.encoded import Encoded, RawPacket, size_of
from realtime.transport.errors import ProtocolError
from realtime.transport.inbox import Inbox
from realtime.transport.outbox import Outbox
from realtime.transport.websocket import Socket

from . import packets
from .contract import SessionError, SessionHandler, SessionHost, Settings
from .packets import CLOSE, MESSAGE, NOOP, PING, PONG

logger = logging.getLogger(__name__)

# Python's clients refuse a payload of more packets.
MAX_PACKETS_A_POLL = 16
# While a websocket is being tried, the client waits for its pending poll to end; but a poll that was sent after the
# client had moved must not be answered before the word of the move has come from another process. As in the reference.
_POLL_WHILE_PROBING = 0.1
# The websocket close codes of a client that breaks the protocol, and of one that sends more at once than is taken.
BROKEN, TOO_BIG = 1002, 1009
CLIENT_CLOSED = "closed by the client"
ABORTED = "a GET was given up"
# The client finds it out by being refused: it comes back then, while Python's take a CLOSE packet for the end of all.
LEAVING = "server shutting down"
_NOT_TOLD = (CLIENT_CLOSED, ABORTED, LEAVING)


class EngineSession:
    """One client's session: what transports call, here or relayed from another process, and what its inner side calls.

    It owns its websocket (`realtime.transport.websocket.Owner`), and is its connections'
    `realtime.hub.client_channel.ClientChannel`.
    """

    __slots__ = (
        *("_host", "_inbox", "_locked_until", "_noted", "_opened", "_polling", "_polls", "_posting", "_socket"),
        *("base64", "closed", "inner", "outbox", "sid", "transport"),
    )

    def __init__(
        self, sid: str, host: SessionHost, inner: SessionHandler, *, transport: str, base64: bool = False
    ) -> None:
        self.sid, self.inner = sid, inner
        self._host = host
        self.transport, self.base64 = transport, base64
        self.closed: str | None = None
        self._posting = self._polling = self._opened = False
        # Until when a websocket may try to take the session over, at the longest.
        self._locked_until = 0.0
        # Which GET this is, and which is to be let go when the client moves.
        self._polls = self._noted = 0
        self.outbox = Outbox(on_overflow=self._overflow)
        self._inbox: Inbox[RawPacket] = Inbox(self._handle, on_drained=self._on_drained)
        self._socket: Socket | None = None
        if transport == "polling" and self.settings.takeover_wait:
            self._inbox.hold()
            asyncio.get_running_loop().call_later(self.settings.takeover_wait, self._begin_reading)
        else:
            self._begin_reading()
        host.heartbeat.begin(self)

    @property
    def settings(self) -> Settings:
        return self._host.settings

    def _begin_reading(self) -> None:
        if not self._opened and self.closed is None:
            self._opened = True
            self.inner.on_open(self)
            self._inbox.release()

    # --- out ---------------------------------------------------------------------------------------------------------
    def send(self, encoded: Encoded) -> None:
        """Queue packets, together: nothing comes between a header and its attachments."""
        if self.closed is None:
            self.outbox.put(self._as_text(encoded) if encoded.binary else encoded)

    def _as_text(self, encoded: Encoded) -> Encoded:
        """Write binary packets as text where the client asked for it; and empty ones, which some servers drop."""
        return Encoded([packets.encode_text(p) if self.base64 or not p else p for p in encoded.packets])

    @property
    def listening(self) -> bool:
        """Whether a transport is there to take what is sent."""
        return self.transport == "websocket" or self._polling

    @property
    def waiting(self) -> int:
        """How many messages have come in and wait to be handled."""
        return self._inbox.waiting

    @property
    def backlog(self) -> int:
        return len(self.outbox)

    def close(self, reason: str, *, code: int = 1000, tell: bool = True) -> None:
        """End the session; with `tell` what is queued is still delivered, else only a GET that waits is told."""
        if self.closed is not None:
            return
        self.closed = reason
        if not tell and reason != CLIENT_CLOSED:
            self.outbox.clear()
        if self.transport == "polling" and (tell or self._polling) and reason not in _NOT_TOLD:
            self.outbox.force(CLOSE)
        self._host.heartbeat.end(self)
        self._inbox.close()
        self.outbox.wake()
        self.outbox.finish(code)
        self._host.on_closed(self)

    def _overflow(self) -> None:
        self.outbox.clear()
        self.close("too slow")

    # --- polling -----------------------------------------------------------------------------------------------------
    async def poll(self) -> str:
        """Return the payload of one GET; raises `SessionError`."""
        self.require("polling")
        if self._polling:
            # Two at once: the client is broken. The first is told to close, the second is refused.
            self.close("overlapping polls")
            raise SessionError(3)
        self._polling = True
        self._polls += 1
        try:
            await self.outbox.wait(_POLL_WHILE_PROBING if self.upgrading else None)
        finally:
            self._polling = False
        if self.transport != "polling":
            # The client moved meanwhile; this GET was late.
            raise SessionError(3)
        taken = self.outbox.take(MAX_PACKETS_A_POLL, self.settings.max_payload)
        if not taken and self.closed is not None:
            raise SessionError(1)
        if len(taken) > 1 and taken[-1] == CLOSE:
            # Alone in the next payload: clients hand their application an event only when the payload is read.
            self.outbox.force(taken.pop())
        return packets.encode_payload(taken) if taken else NOOP

    def note_poll(self) -> None:
        """Remember the GET that waits just before the probe is answered: it is the one that `release_poll` is about."""
        self._noted = self._polls if self._polling else 0

    def release_poll(self) -> None:
        """Let the noted GET end, so that the client can move. A later one may come after the move: it must wait."""
        if self._polling and self._polls == self._noted:
            self.outbox.wake()

    def abort_poll(self) -> None:
        """The client went away in the middle of a GET, which may not even have got here yet, or after the next one."""
        if self.transport == "polling":
            self.close(ABORTED, tell=False)

    async def post(self, body: bytes) -> None:
        """Take the packets of one POST, in order; raises `SessionError`."""
        self.require("polling")
        if self._posting:
            self.close("overlapping posts")
            raise SessionError(3)
        self._posting = True
        try:
            for kind, data in packets.decode_payload(body):
                self._take(kind, data)
                await self._inbox.wait_for_space()
        except ProtocolError as error:
            self.close("parse error", code=BROKEN, tell=False)
            raise SessionError(3) from error
        finally:
            self._posting = False

    def require(self, transport: str) -> None:
        """Raise `SessionError` when the session is over, or has another transport."""
        self._host.heartbeat.look()
        if self.closed is not None and not (self.outbox and transport == "polling"):
            raise SessionError(1)
        if self.transport != transport:
            raise SessionError(3)

    # --- in ----------------------------------------------------------------------------------------------------------
    def _take(self, kind: str, data: RawPacket) -> None:
        """Take one packet of the client, from whatever transport; raises `ProtocolError`."""
        if self.closed is not None:
            return
        if kind == MESSAGE:
            self._inbox.put(data)
        elif kind == PONG:
            self._host.heartbeat.answered(self)
        elif kind == CLOSE:
            if self.transport == "polling":
                self.outbox.force(NOOP)
            self.close(CLIENT_CLOSED, tell=False)
        elif kind == PING:
            raise ProtocolError("in this version the server pings")

    async def _handle(self, data: RawPacket) -> None:
        try:
            await self.inner.on_message(self, data)
        except ProtocolError as error:
            logger.info("session closed: %s", error)
            self.close("parse error", code=BROKEN, tell=False)
        except Exception:  # a bug must not leave the session deaf
            logger.exception("a message could not be handled")

    def _on_drained(self) -> None:
        if self._socket:
            self._socket.resume()

    # --- websocket ---------------------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        """Let a websocket carry the session from now on; what is queued leaves in order."""
        if self.closed is not None:
            # Its end is over: nothing else would ever close this websocket.
            socket.close(1000)
            return
        socket.owner = self
        self.transport, self._socket = "websocket", socket
        self._begin_reading()
        self.outbox.attach(socket)
        # A GET that still waits is late.
        self.outbox.wake()

    def frame_received(self, frame: RawPacket) -> None:
        try:
            if size_of(frame) > self.settings.max_payload:
                self.close("frame too large", code=TOO_BIG, tell=False)
            elif isinstance(frame, bytes):
                self._take(MESSAGE, frame)
            else:
                self._take(*packets.decode(frame))
        except ProtocolError as error:
            logger.info("session closed: %s", error)
            self.close("parse error", code=BROKEN, tell=False)
        if self._inbox.full and self._socket:
            self._socket.pause()

    def writable(self) -> None:
        self.outbox.flush()

    def lost(self, code: int) -> None:
        self.outbox.detach()
        self._socket = None
        self.close("transport close", tell=False)

    @property
    def upgrading(self) -> bool:
        """Whether a websocket tries to take the session over.

        No attempt takes longer than it may: if one seems to, its process is gone, or the word of its end was lost.
        """
        return asyncio.get_running_loop().time() < self._locked_until

    def begin_upgrade(self) -> bool:
        """Take the lock for one websocket's attempt; False when there is one already, or nothing to upgrade."""
        if self.upgrading or self.transport != "polling" or self.closed is not None:
            return False
        self._locked_until = asyncio.get_running_loop().time() + self.settings.upgrade_timeout
        return True

    def end_upgrade(self) -> None:
        """Give the lock back: the attempt came to nothing."""
        self._locked_until = 0.0

    def migrate(self) -> "tuple[list[RawPacket], list[RawPacket]] | None":
        """Give up the session to the process that holds its websocket: what came in and what waits to go out.

        None when it has begun to read: then it stays, and is relayed.
        """
        if self._opened or self.closed is not None:
            return None
        received, waiting = self._inbox.take_all(), self.outbox.take(len(self.outbox), sys.maxsize)
        self.transport, self.closed = "websocket", "moved"
        self._host.heartbeat.end(self)
        self._inbox.close()
        self.outbox.wake()
        self._host.on_closed(self)
        return received, waiting

    def take_over(self, received: list[RawPacket], waiting: list[RawPacket]) -> None:
        """Go on where another process stopped."""
        for data in received:
            self._inbox.put(data)
        self.outbox.force(*waiting)

    async def leave_inner(self) -> None:
        """Tell what speaks here that the session is over."""
        if self._opened:
            with contextlib.suppress(Exception):  # what fails there must not fail the server
                await self.inner.on_close(self, self.closed or "")
