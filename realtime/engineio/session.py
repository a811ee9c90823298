"""An Engine.IO session: one client's connection over whichever transport it has at the moment.

It lives in one process, its owner: that which opened it, or that which it moved to. Transports in other processes
reach it by its sid (`cluster`).
"""

import asyncio
import contextlib
import logging
import sys

from foundation.limits import compute
from foundation.slices import in_slices
from realtime.transport.buffered_handler import BufferedHandler
from realtime.transport.close_reasons import ABORTED, CLIENT_CLOSED, INTERNAL_ERROR, SHUTTING_DOWN, lost_reason
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.errors import ProtocolError
from realtime.transport.websocket import Socket

from . import packets
from .contract import BAD_REQUEST, UNKNOWN_SESSION, SessionError, SessionHandler, SessionHost, Settings
from .pace import pace
from .packets import CLOSE, MESSAGE, NOOP, PING, PONG

logger = logging.getLogger(__name__)

# Python's clients refuse a payload of more packets.
MAX_PACKETS_A_POLL = 16
# During an upgrade a GET ends after this time, as in the reference: the client waits for that before it moves. Not at
# once: a GET that was sent after the move may arrive before it, when they come through two processes.
_POLL_SECONDS_IN_UPGRADE = 0.1
# Close codes: the client breaks the protocol, it sends a frame over the limit, the server has a bug.
BROKEN, TOO_BIG, FAILED = 1002, 1009, 1011
# They get no CLOSE packet: after one, Python's clients do not come back; after being refused they do.
_WITHOUT_CLOSE_PACKET = (CLIENT_CLOSED, ABORTED, SHUTTING_DOWN)


class EngineIOSession(BufferedHandler[RawPacket]):
    """Called by transports, here or relayed from another process, and by its handler.

    It handles its websocket (`realtime.transport.websocket.SocketHandler`), and is what its connections write to
    (`realtime.hub.client_channel.ClientChannel`).
    """

    __slots__ = (
        *("_host", "_locked_until", "_noted_poll", "_paid_until", "_poll_number", "_polling", "_posting", "_started"),
        *("base64", "close_reason", "handler", "sid", "transport"),
    )

    def __init__(self, sid: str, host: SessionHost, handler: SessionHandler, *, transport: str, base64: bool) -> None:
        super().__init__(host.settings.max_payload)
        self._host, self.sid, self.handler = host, sid, handler
        self.transport, self.base64 = transport, base64
        self.close_reason: str | None = None
        # Whether the handler was started: from then on the session does not move to another process.
        self._started = self._posting = self._polling = False
        # Until when a websocket that tries to upgrade the session has the lock; until when the client's POSTs are paid.
        self._locked_until = self._paid_until = 0.0
        # Which GET this is, counted, and which one `release_poll` is about.
        self._poll_number = self._noted_poll = 0

    def open(self) -> None:
        """Start the heartbeat and the handler: at once, or after `Settings.takeover_wait`."""
        self._host.heartbeat.start(self)
        if self.transport == "polling" and self.settings.takeover_wait:
            self._inbox.hold()
            asyncio.get_running_loop().call_later(self.settings.takeover_wait, self._start)
        else:
            self._start()

    def _start(self) -> None:
        if not self._started and self.close_reason is None:
            self._started = True
            try:
                self.handler.on_open(self)
            except Exception:  # the client would wait for a handler that is not there
                self.fail("a session's handler could not be opened")
            self._inbox.release()

    @property
    def settings(self) -> Settings:
        return self._host.settings

    # --- out ---------------------------------------------------------------------------------------------------------
    def send(self, encoded: Encoded) -> None:
        """Queue packets, together: nothing comes between a header and its attachments."""
        if self.close_reason is None:
            self._outbox.put(self._as_text(encoded) if encoded.binary else encoded)

    def _as_text(self, encoded: Encoded) -> Encoded:
        """Write binary packets as text where the client asked for it; and empty ones, which some servers drop."""
        return Encoded([packets.encode_text(p) if self.base64 or not p else p for p in encoded.packets])

    @property
    def has_transport(self) -> bool:
        """Whether what is sent leaves at once: there is a websocket, or a GET that waits."""
        return self.transport == "websocket" or self._polling

    @property
    def backlog(self) -> int:
        return len(self._outbox)

    def close(self, reason: str, *, code: int = 1000, graceful: bool = True) -> None:
        """End the session; if `graceful`, what is queued is still delivered, else only a GET that waits gets CLOSE."""
        if self.close_reason is not None:
            return
        self.close_reason = reason
        if not graceful and reason != CLIENT_CLOSED:
            self._outbox.clear()
        if self.transport == "polling" and (graceful or self._polling) and reason not in _WITHOUT_CLOSE_PACKET:
            self._outbox.put_unbounded(CLOSE)
        self._stop()
        self._outbox.finish(code)
        self._host.on_closed(self.sid)

    def fail(self, what: str) -> None:
        """Log the error that is being handled, and close: packets may be lost, and none may follow them."""
        logger.exception(what)
        self.close(INTERNAL_ERROR, code=FAILED, graceful=False)

    def _stop(self) -> None:
        self._host.heartbeat.stop(self)
        self._close_buffers()
        self._outbox.wake()

    def _on_too_slow(self) -> None:
        self.close("too slow")

    async def close_handler(self) -> None:
        """Call the handler's `on_close`, if it was started."""
        if self._started:
            with contextlib.suppress(Exception):  # an error there must not fail the server
                await self.handler.on_close(self, self.close_reason or "")

    # --- polling -----------------------------------------------------------------------------------------------------
    async def poll(self) -> str:
        """Return the payload of one GET; raises `SessionError`."""
        self.require("polling")
        if self._polling:
            # Two at once: the client is broken. The first gets CLOSE, the second is refused.
            self.close("overlapping polls")
            raise SessionError(BAD_REQUEST)
        self._polling = True
        self._poll_number += 1
        try:
            await self._outbox.wait(_POLL_SECONDS_IN_UPGRADE if self.upgrading else None)
        finally:
            self._polling = False
        if self.transport != "polling":
            # The client has moved to its websocket meanwhile.
            raise SessionError(BAD_REQUEST)
        popped = self._outbox.pop(MAX_PACKETS_A_POLL, self.settings.max_payload)
        if not popped and self.close_reason is not None:
            raise SessionError(UNKNOWN_SESSION)
        if len(popped) > 1 and popped[-1] == CLOSE:
            # CLOSE comes alone in the next payload: clients dispatch events only after they have read a whole payload.
            self._outbox.put_unbounded(popped.pop())
        return packets.encode_payload(popped) if popped else NOOP

    def note_poll(self) -> None:
        """Remember the GET that waits now, just before the probe gets its pong: `release_poll` ends this one alone."""
        self._noted_poll = self._poll_number if self._polling else 0

    def release_poll(self) -> None:
        """End the noted GET, so that the client can move. A later one may have been sent after the move: it waits."""
        if self._polling and self._poll_number == self._noted_poll:
            self._outbox.wake()

    def abort_poll(self) -> None:
        """Close: the client dropped a GET, and maybe packets with it. The GET itself may arrive later than this."""
        if self.transport == "polling":
            self.close(ABORTED, graceful=False)

    async def post(self, body: bytes) -> None:
        """Receive the packets of one POST, in order; raises `SessionError`."""
        self.require("polling")
        if self._posting:
            self.close("overlapping posts")
            raise SessionError(BAD_REQUEST)
        if len(body) > self._max_payload:
            self._on_too_large()
            raise SessionError(BAD_REQUEST)
        self._posting = True
        try:
            await compute.in_turn(self._inbox.caller, self._receive_payload, body)
            self._paid_until = await pace(self._paid_until)
        except ProtocolError as error:
            self._close_broken(error)
            raise SessionError(BAD_REQUEST) from error
        finally:
            self._posting = False

    async def _receive_payload(self, body: bytes) -> None:
        async for kind, data in in_slices(packets.decode_payload(body)):
            self._on_packet(kind, data)
            await self._inbox.wait_for_space()

    def require(self, transport: str) -> None:
        """Raise `SessionError` if the session is over, or has another transport."""
        self._host.heartbeat.expire_due()
        if self.close_reason is not None and not (self._outbox and transport == "polling"):
            raise SessionError(UNKNOWN_SESSION)
        if self.transport != transport:
            raise SessionError(BAD_REQUEST)

    # --- in ----------------------------------------------------------------------------------------------------------
    def is_flooded(self) -> bool:
        return self._inbox.is_flooded()

    def _receive(self, frame: RawPacket) -> None:
        try:
            kind, data = (MESSAGE, frame) if isinstance(frame, bytes) else packets.decode(frame)
            self._on_packet(kind, data)
        except ProtocolError as error:
            self._close_broken(error)

    def _on_packet(self, kind: str, data: RawPacket) -> None:
        """Receive one packet on any transport; raises `ProtocolError`."""
        if self.close_reason is not None:
            return
        if kind == MESSAGE:
            self._inbox.put(data)
        elif kind == PONG:
            self._host.heartbeat.pong_received(self)
        elif kind == CLOSE:
            if self.transport == "polling":
                self._outbox.put_unbounded(NOOP)
            self.close(CLIENT_CLOSED, graceful=False)
        elif kind == PING:
            raise ProtocolError("in this version the server pings")

    async def _handle(self, item: RawPacket) -> None:
        try:
            await self.handler.on_message(self, item)
        except ProtocolError as error:
            self._close_broken(error)

    def _close_broken(self, error: ProtocolError) -> None:
        logger.info("session closed: %s", error)
        self.close("parse error", code=BROKEN, graceful=False)

    def _on_too_large(self) -> None:
        self.close("frame too large", code=TOO_BIG, graceful=False)

    # --- websocket ---------------------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        """Make a websocket the session's transport; what is queued leaves in order."""
        if self.close_reason is not None:
            # `close` is over: nothing else would ever close this websocket.
            socket.close(FAILED if self.close_reason == INTERNAL_ERROR else 1000)
            return
        self.transport = "websocket"
        super().opened(socket)
        self._start()
        # A GET that still waits is refused.
        self._outbox.wake()

    def lost(self, code: int) -> None:
        super().lost(code)
        self.close(lost_reason(code), graceful=False)

    @property
    def upgrading(self) -> bool:
        """Whether a websocket tries to upgrade the session.

        No attempt may take longer than `upgrade_timeout`: after that, its process is gone or its release was lost.
        """
        return asyncio.get_running_loop().time() < self._locked_until

    def begin_upgrade(self) -> bool:
        """Lock the session for one websocket's attempt; False if another has the lock, or nothing is to upgrade."""
        may_begin = not self.upgrading and self.transport == "polling" and self.close_reason is None
        if may_begin:
            self._locked_until = asyncio.get_running_loop().time() + self.settings.upgrade_timeout
        return may_begin

    def end_upgrade(self) -> None:
        """Release the lock: the attempt failed."""
        self._locked_until = 0.0

    # --- between processes -------------------------------------------------------------------------------------------
    def migrate(self) -> tuple[list[RawPacket], list[RawPacket]] | None:
        """End the session here, and return what another process goes on with: the inbox and the outbox.

        None if its handler was started already: then it stays, and its websocket is relayed.
        """
        if self._started or self.close_reason is not None:
            return None
        received, queued = self._inbox.pop_all(), self._outbox.pop(len(self._outbox), sys.maxsize)
        self.transport, self.close_reason = "websocket", "moved"
        self._stop()
        self._host.on_closed(self.sid)
        return received, queued

    def restore(self, received: list[RawPacket], queued: list[RawPacket]) -> None:
        """Go on with what another process has returned from `migrate`."""
        for data in received:
            self._inbox.put(data)
        self._outbox.put_unbounded(*queued)
