"""A session of the JSON door: an application's events as plain JSON over one websocket (docs/sockets.md).

The client speaks first: `{"event": "connect", "data": {...}}`; then `{"event", "data", "ack"?}` in both directions, and
`{"ack", "data"}` for an answer.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from foundation.errors import ChatError, Invalid, TooLarge, Unavailable
from realtime.application import Application, Handshake
from realtime.connecting import connect_with_retries
from realtime.hub.connection import Connection
from realtime.hub.frame import Encoded, Packet
from realtime.socketio.packets import odd_json
from realtime.transport.endpoint import Query
from realtime.transport.errors import ProtocolError
from realtime.transport.inbox import Inbox
from realtime.transport.outbox import Outbox
from realtime.transport.websocket import Owner, Socket

logger = logging.getLogger(__name__)

REFUSED, TOO_SLOW, TOO_BIG = 4001, 4008, 1009


class JsonEncoder:
    """How a connection of this door writes an event."""

    def event(self, name: str, data: bytes) -> str:
        return f'{{"event":"{name}","data":{data.decode()}}}'


ENCODER = JsonEncoder()


@dataclass(frozen=True, slots=True)
class JsonDoor:
    """Each websocket is a session (`Door`); they share the application, seconds to send `connect`, bytes of a frame."""

    application: Application
    connect_timeout: float
    max_payload: int

    # The door's own heartbeat: the client's library answers.
    pings = True

    def open(self, query: Query, credentials: Mapping[str, str]) -> Owner | None:
        return JsonConnection(self, credentials)

    async def find(self, query: Query, credentials: Mapping[str, str]) -> Owner | None:
        return None


class JsonConnection:
    """Owns a websocket (`realtime.transport.websocket.Owner`).

    It is its connection's `realtime.hub.client_channel.ClientChannel`.
    """

    __slots__ = (
        "_closing",
        "_credentials",
        "_deadline",
        "_door",
        "_entered",
        "_inbox",
        "_leaving",
        "_outbox",
        "_socket",
        "connection",
    )

    def __init__(self, door: JsonDoor, credentials: Mapping[str, str]) -> None:
        self._door, self._credentials = door, credentials
        self.connection = Connection(encoder=ENCODER, channel=self)
        self._outbox = Outbox(on_overflow=self._overflow)
        self._inbox: Inbox[dict[str, Any]] = Inbox(self._handle, on_drained=self._on_drained)
        self._socket: Socket | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._entered = self._closing = False

    # --- the line ----------------------------------------------------------------------------------------------------
    @property
    def backlog(self) -> int:
        return len(self._outbox)

    def send(self, encoded: Encoded) -> None:
        if not self._closing:
            self._outbox.put(encoded)

    def close(self, reason: str, *, code: int = 1000) -> None:
        if not self._closing:
            self._closing = True
            self._outbox.finish(code, reason)

    def _overflow(self) -> None:
        self._outbox.clear()
        self.close("too slow: reconnect and resume", code=TOO_SLOW)

    # --- the websocket -----------------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        self._socket = socket
        self._outbox.attach(socket)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._door.connect_timeout, self._expect_connect)

    def frame_received(self, frame: Packet) -> None:
        if self._closing:
            return
        data = frame.encode(errors="surrogatepass") if isinstance(frame, str) else frame
        if len(data) > self._door.max_payload:
            self._complain(TooLarge(f"A frame takes {self._door.max_payload} bytes at most."), None)
            self.close("frame too large", code=TOO_BIG)
            return
        try:
            self._inbox.put(_parsed(data))
        except Invalid as error:
            self._complain(error, None)
        if self._inbox.full and self._socket:
            self._socket.pause()

    def _on_drained(self) -> None:
        if self._socket:
            self._socket.resume()

    def writable(self) -> None:
        self._outbox.flush()

    def lost(self, code: int) -> None:
        self._closing = True
        self._socket = None
        self._outbox.detach()
        self._inbox.close()
        self._stop_waiting()
        if self._entered:
            self.connection.closed = True
            self._leaving = asyncio.create_task(self._door.application.disconnect(self.connection))

    # --- events ------------------------------------------------------------------------------------------------------
    def _expect_connect(self) -> None:
        self.close("no connect event came", code=REFUSED)

    def _stop_waiting(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    async def _handle(self, frame: dict[str, Any]) -> None:
        try:
            await self._route(frame)
        except Exception:  # a bug must cost this event, not the connection's following ones
            logger.exception("an event could not be handled")
            self._answer(frame, [{"ok": False, "error": Unavailable("Internal error.").as_wire()}])

    async def _route(self, frame: dict[str, Any]) -> None:
        event, data = frame["event"], frame.get("data")
        if self._closing:
            return
        if event == "ping":
            self.connection.write('{"event":"pong"}')
        elif not self._entered:
            await self._enter(frame)
        elif event == "connect":
            self._complain(Invalid("This connection is connected already."), event)
        else:
            acknowledge = partial(self._answer, frame) if "ack" in frame else None
            await self._door.application.dispatch(self.connection, event, [data], acknowledge)

    async def _enter(self, frame: dict[str, Any]) -> None:
        data = frame.get("data") or {}
        if frame["event"] != "connect" or not isinstance(data, dict):
            self._complain(Invalid('Send {"event": "connect", "data": {"token": ...}} first.'), frame["event"])
            return
        handshake = Handshake(data, self._credentials)
        try:
            await self._door.application.authenticate(self.connection, handshake)
        except ChatError as error:
            self._complain(error, "connect")
            self.close(error.code, code=REFUSED)
            return
        self._entered = True
        self._stop_waiting()
        await connect_with_retries(self._door.application, self.connection, handshake)

    def _answer(self, frame: dict[str, Any], answer: list[Any]) -> None:
        if "ack" in frame:
            self.connection.write(orjson.dumps({"ack": frame["ack"], "data": answer[0]}).decode())

    def _complain(self, error: ChatError, event: str | None) -> None:
        name = {"event": event.encode(errors="replace").decode()} if event else {}
        self.connection.emit("error", {**name, **error.as_wire()})


def _parsed(data: bytes) -> dict[str, Any]:
    """Return a frame; raises `Invalid` for what is none."""
    try:
        frame = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            frame = odd_json(data.decode(errors="replace"))
        except ProtocolError as error:
            raise Invalid("A frame is JSON.") from error
    if not isinstance(frame, dict) or not isinstance(frame.get("event"), str):
        raise Invalid('A frame is an object: {"event": name, "data": {...}, "ack": number or string}.')
    if not _can_be_echoed(frame.get("ack", 0)):
        raise Invalid("`ack` is a number or a string.")
    return frame


def _can_be_echoed(ack: Any) -> bool:
    """Half of an emoji, or a number of more than 64 bits, could not be written back."""
    if not isinstance(ack, int | str) or isinstance(ack, bool):
        return False
    try:
        orjson.dumps(ack)
    except TypeError:
        return False
    return True
