"""A websocket that is open on a transport of the event loop: nothing stands between its owner and its frames."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import SEND_EOF, SERVER, Protocol, State

from realtime.transport.encoded import Encoded, RawPacket

from .websocket import Owner

logger = logging.getLogger(__name__)
# `websockets` writes a line for each connection that opens, and one for each that closes.
quiet = logging.getLogger(f"{__name__}.frames")
quiet.setLevel(logging.WARNING)

# A peer that does not do its part in closing is cut off after so many seconds.
_CLOSE_SECONDS = 10.0


def new_protocol(max_size: int | None) -> Protocol:
    """Return what reads the frames of a websocket whose handshake is done, of messages of so many bytes at most."""
    return Protocol(SERVER, max_size=max_size, logger=quiet)


class DirectSocket(asyncio.Protocol):
    """What sessions write to (`realtime.transport.websocket.Socket`), and the protocol of the transport.

    `websockets` reads frames, answers pings and keeps the closing handshake; what goes out comes ready-made. `siblings`
    are whom the server tells when it goes down (`shutdown`): the socket is among them while it lives.
    """

    __slots__ = (
        *("_choked", "_held", "_lost", "_open", "_parts", "_paused", "_protocol", "_siblings", "_silent", "_text"),
        *("_timer", "_transport", "owner", "ready"),
    )

    def __init__(
        self, protocol: Protocol, transport: asyncio.Transport, owner: Owner, siblings: set[Any], *, ready: bool = True
    ) -> None:
        self._protocol, self._transport, self.owner = protocol, transport, owner
        self._siblings = siblings
        self.ready, self._open, self._lost = ready, True, False
        # Whether the owner wants nothing read, and whether the peer does not read what its pings are answered with.
        self._paused = self._choked = False
        # The frames of a message so far, and whether they are text.
        self._parts: list[bytes | bytearray | memoryview] = []
        self._text = False
        # What is to leave in one piece, while it is gathered.
        self._held: list[bytes] | None = None
        # Whether nothing has come since the last ping; the timer is that of pings, or of the end.
        self._silent = False
        self._timer: asyncio.TimerHandle | None = None
        siblings.add(self)

    def begin(self, answer: bytes) -> None:
        """Let the owner begin; the answer to the handshake leaves in one piece with what they have to say at once."""
        self._held = [answer]
        self.owner.opened(self)
        held, self._held = self._held, None
        self._transport.write(b"".join(held))

    # --- what sessions call ------------------------------------------------------------------------------------------
    def write(self, encoded: Encoded) -> None:
        if self._open:
            self._send(encoded.frames)

    def close(self, code: int, reason: str = "") -> None:
        # A peer that has just said the same is answered anyway.
        if self._open and self._protocol.state is State.OPEN:
            self._open = self._paused = False
            self._protocol.send_close(code, reason)
            self._answer()
            self._read_on()
            # Not `close`: that waits until the peer has read what was written.
            self._set_timer(_CLOSE_SECONDS, self._transport.abort)

    def pause(self) -> None:
        # The peer's part in closing is still to be read.
        if self._open:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        self._paused = False
        self._read_on()

    def _read_on(self) -> None:
        if not (self._lost or self._paused or self._choked or self._transport.is_closing()):
            self._transport.resume_reading()

    def ping_every(self, interval: float, patience: float) -> None:
        """Ping the peer from now on; one that is silent for so many seconds after a ping is cut off."""
        if self._open:
            self._set_timer(interval, self._ping, interval, patience)

    def _ping(self, interval: float, patience: float) -> None:
        self._silent = True
        self._protocol.send_ping(b"")
        self._answer()
        self._set_timer(patience, self._look, interval, patience)

    def _look(self, interval: float, patience: float) -> None:
        # Of one that is not read, nothing is known.
        if self._silent and not self._paused:
            self._transport.abort()
        else:
            self._set_timer(max(0.0, interval - patience), self._ping, interval, patience)

    def _set_timer(self, seconds: float, callback: Callable[..., None], *arguments: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, callback, *arguments)

    # --- what the transport calls ------------------------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        self._silent = False
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)
        self._answer()

    def pause_writing(self) -> None:
        self.ready = False

    def resume_writing(self) -> None:
        self.ready, self._choked = True, False
        self._read_on()
        if not self._lost:
            self.owner.writable()

    def connection_lost(self, error: Exception | None) -> None:
        self._siblings.discard(self)
        if self._timer:
            self._timer.cancel()
        self._tell_lost(CloseCode.ABNORMAL_CLOSURE)

    def shutdown(self) -> None:
        """End it now: the server goes down, and waits only for what was written."""
        self.close(CloseCode.SERVICE_RESTART)
        self._hang_up(CloseCode.SERVICE_RESTART)

    # --- frames ------------------------------------------------------------------------------------------------------
    def _take(self, frame: Frame) -> None:
        """Take a frame; its message is handed on with the last one."""
        if frame.opcode is Opcode.CONT:
            # Any number of empty ones would fit into the largest message.
            self._parts += [frame.data] if frame.data else []
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._text, self._parts = frame.opcode is Opcode.TEXT, [frame.data]
        else:
            return
        if frame.fin:
            message, self._parts = b"".join(self._parts), []
            self._receive(message)

    def _receive(self, message: bytes) -> None:
        # After a message that was lost, none is handed on.
        if not self._open:
            return
        try:
            packet: RawPacket = message.decode() if self._text else message
        except UnicodeDecodeError as error:
            self._open = False
            self._protocol.fail(CloseCode.INVALID_DATA, str(error.reason))
            return
        try:
            self.owner.frame_received(packet)
        except Exception:  # a bug must cost this client its connection, not take the server's loop
            logger.exception("a frame could not be handled")
            self.close(CloseCode.INTERNAL_ERROR)

    def _answer(self) -> None:
        """Send what the frames that came ask for: pongs, and our part in closing."""
        answers = self._protocol.data_to_send()
        if not answers:
            return
        self._send(b"".join(answers))
        if not self.ready and not self._transport.is_closing():
            # A peer that pings and does not read must not be answered without end.
            self._choked = True
            self._transport.pause_reading()
        if SEND_EOF in answers:
            close = self._protocol.close_rcvd or self._protocol.close_sent
            self._hang_up(close.code if close else CloseCode.ABNORMAL_CLOSURE)

    def _send(self, data: bytes) -> None:
        if self._held is None:
            self._transport.write(data)
        else:
            self._held.append(data)

    def _hang_up(self, code: int) -> None:
        """Close the transport once what was written has left; a peer that reads nothing is not waited for long."""
        self._set_timer(_CLOSE_SECONDS, self._transport.abort)
        self._transport.close()
        self._tell_lost(code)

    def _tell_lost(self, code: int) -> None:
        self._open = False
        if not self._lost:
            self._lost = True
            self.owner.lost(code)
