"""A websocket that is itself the protocol of the event loop's transport: each frame costs its handler one call."""

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any

from websockets.exceptions import PayloadTooBig
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import SEND_EOF, SERVER, Protocol, State

from .encoded import Encoded, RawPacket
from .websocket import SocketHandler

logger = logging.getLogger(__name__)
# `websockets` logs a line for each connection that opens, and one for each that closes.
quiet_logger = logging.getLogger(f"{__name__}.frames")
quiet_logger.setLevel(logging.WARNING)

# How long a peer may take for its part of the closing handshake, or to read what was written before.
_CLOSE_TIMEOUT = 10.0
# How many bytes are parsed at once, and after how many frames the loop goes on with others: a segment of what the
# kernel has may be 40,000 of the smallest frames, each of which takes 10 µs.
_SLICE = 2048
_FRAMES_A_TURN = 128


def new_protocol(max_size: int | None) -> Protocol:
    """Return the parser of a websocket whose handshake is done; a message may have `max_size` bytes."""
    return Protocol(SERVER, max_size=max_size, logger=quiet_logger)


class DirectSocket(asyncio.Protocol):
    """What handlers write to (`realtime.transport.websocket.Socket`), and the protocol of the transport.

    `websockets` parses frames, answers pings and does the closing handshake; what handlers write is framed already.
    While it lives the socket is one of `connections`, on which uvicorn calls `shutdown` when the server goes down.
    """

    __slots__ = (
        *("_connections", "_fragments", "_is_lost", "_is_open", "_is_text", "_paused", "_pongs_blocked"),
        *("_parsing", "_protocol", "_silent", "_timer", "_transport", "_unparsed", "handler", "ready"),
    )

    def __init__(
        self,
        protocol: Protocol,
        transport: asyncio.Transport,
        handler: SocketHandler,
        connections: set[Any],
        *,
        ready: bool = True,
    ) -> None:
        self._protocol, self._transport, self.handler = protocol, transport, handler
        self._connections = connections
        self.ready, self._is_open, self._is_lost = ready, True, False
        # Reading stops while the handler wants it, and while the peer does not read the pongs to its pings.
        self._paused = self._pongs_blocked = False
        # What was received and is not parsed yet; meanwhile reading stops too.
        self._unparsed = b""
        self._parsing: asyncio.Handle | None = None
        # A fragmented message so far, and whether it is text. Joined: the smallest fragments take 30 times their size.
        self._fragments = bytearray()
        self._is_text = False
        # Whether nothing has come since the last ping. The timer is that of pings, later that of closing.
        self._silent = False
        self._timer: asyncio.TimerHandle | None = None
        connections.add(self)

    # --- what handlers call ------------------------------------------------------------------------------------------
    def write(self, encoded: Encoded) -> None:
        if self._is_open:
            self._transport.write(encoded.frames)

    def close(self, code: int, reason: str = "") -> None:
        # `websockets` responds by itself to a peer that has begun the closing handshake.
        if self._is_open and self._protocol.state is State.OPEN:
            self._is_open = self._paused = False
            self._protocol.send_close(code, reason)
            self._write_protocol_data()
            self._resume_reading()
            # The transport's `close` would wait until the peer has read what was written.
            self._set_timer(_CLOSE_TIMEOUT, self._transport.abort)

    def pause(self) -> None:
        # After `close`, the peer's close frame is still to be read.
        if self._is_open:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        self._paused = False
        self._resume_reading()

    def limit(self, max_payload: int) -> None:
        self._protocol.max_message_size = max_payload

    def _resume_reading(self) -> None:
        if self._is_stopped() or self._transport.is_closing():
            return
        if self._unparsed:
            self._parse_later()
        else:
            self._transport.resume_reading()

    def _is_stopped(self) -> bool:
        return self._is_lost or self._paused or self._pongs_blocked

    # --- pings -------------------------------------------------------------------------------------------------------
    def ping_every(self, interval: float, timeout: float) -> None:
        """Ping the peer from now on; one from which nothing comes for `timeout` seconds after a ping is cut off."""
        if self._is_open:
            self._set_timer(interval, self._ping, interval, timeout)

    def _ping(self, interval: float, timeout: float) -> None:
        self._silent = True
        self._protocol.send_ping(b"")
        self._write_protocol_data()
        self._set_timer(timeout, self._check_alive, interval, timeout)

    def _check_alive(self, interval: float, timeout: float) -> None:
        # While reading is paused, its pong may be waiting unread.
        if self._silent and not self._paused:
            self._transport.abort()
        else:
            self._set_timer(max(0.0, interval - timeout), self._ping, interval, timeout)

    def _set_timer(self, seconds: float, callback: Callable[..., None], *arguments: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, callback, *arguments)

    # --- what the transport calls ------------------------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        self._silent = False
        if len(data) <= _SLICE and not self._unparsed:
            self._parse(data)
        else:
            self._unparsed += data
            if self._parsing is None:
                self._parse_turn()

    def _parse(self, data: bytes) -> int:
        """Handle the frames that end in this piece, and return how many they are."""
        self._protocol.receive_data(data)
        events = self._protocol.events_received()
        for event in events:
            if isinstance(event, Frame):
                self._on_frame(event)
        self._write_protocol_data()
        return len(events)

    def _parse_turn(self) -> None:
        """Parse on, until this client has had its turn of the loop, or its handler has enough."""
        self._parsing = None
        began = perf_counter()
        data, start, frames = self._unparsed, 0, 0
        while start < len(data) and frames < _FRAMES_A_TURN and not self._is_stopped():
            frames += self._parse(data[start : start + _SLICE])
            start += _SLICE
        self._unparsed = data[start:]
        self.handler.charge(perf_counter() - began)
        if not self._unparsed:
            self._resume_reading()
        elif not self._transport.is_closing():
            self._transport.pause_reading()
            if not self._is_stopped():
                self._parse_later()

    def _parse_later(self) -> None:
        if self._parsing is None:
            self._parsing = asyncio.get_running_loop().call_soon(self._parse_turn)

    def pause_writing(self) -> None:
        self.ready = False

    def resume_writing(self) -> None:
        self.ready, self._pongs_blocked = True, False
        self._resume_reading()
        if not self._is_lost:
            self.handler.writable()

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        if self._timer:
            self._timer.cancel()
        self._notify_lost(CloseCode.ABNORMAL_CLOSURE)

    def shutdown(self) -> None:
        """Close it now: the server goes down, and waits only until what was written has left."""
        self.close(CloseCode.SERVICE_RESTART)
        self._close_transport(CloseCode.SERVICE_RESTART)

    # --- frames ------------------------------------------------------------------------------------------------------
    def _on_frame(self, frame: Frame) -> None:
        """Collect the frames of a message, and pass it on with its last one."""
        if frame.opcode is Opcode.CONT:
            self._fragments += frame.data
            if frame.fin:
                message, self._fragments = bytes(self._fragments), bytearray()
                self._on_message(message)
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._is_text = frame.opcode is Opcode.TEXT
            if frame.fin:
                self._on_message(bytes(frame.data))
            else:
                self._fragments = bytearray(frame.data)

    def _on_message(self, message: bytes) -> None:
        # Closed by this side: a message may have been lost, and none may be handled after a gap.
        if not self._is_open:
            return
        try:
            packet: RawPacket = message.decode() if self._is_text else message
        except UnicodeDecodeError as error:
            self._is_open = False
            self._protocol.fail(CloseCode.INVALID_DATA, str(error.reason))
            return
        try:
            self.handler.frame_received(packet)
        except Exception:  # a bug must cost this client its connection, not end the server's loop
            logger.exception("a frame could not be handled")
            self.close(CloseCode.INTERNAL_ERROR)

    def _write_protocol_data(self) -> None:
        """Write what `websockets` has to send: pings, pongs and close frames."""
        data = self._protocol.data_to_send()
        if not data:
            return
        if isinstance(self._protocol.parser_exc, PayloadTooBig) and self._is_open:
            # Before the close frame: what the handler says of it.
            self.handler.too_large()
            self._is_open = False
        self._transport.write(b"".join(data))
        if not self.ready and not self._transport.is_closing():
            # A peer that sends pings and does not read would fill our memory with pongs.
            self._pongs_blocked = True
            self._transport.pause_reading()
        if SEND_EOF in data:
            close = self._protocol.close_rcvd or self._protocol.close_sent
            self._close_transport(close.code if close else CloseCode.ABNORMAL_CLOSURE)

    def _close_transport(self, code: int) -> None:
        """Close the transport once what was written has left; abort it if the peer does not read that soon."""
        self._set_timer(_CLOSE_TIMEOUT, self._transport.abort)
        self._transport.close()
        self._notify_lost(code)

    def _notify_lost(self, code: int) -> None:
        self._is_open = False
        if not self._is_lost:
            self._is_lost = True
            self.handler.lost(code)
