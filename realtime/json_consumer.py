"""The JSON door: an application's events as plain JSON over a websocket (docs/sockets.md).

The client speaks first: `{"event": "connect", "data": {...}}`; then `{"event", "data", "ack"?}` in both directions, and
`{"ack", "data"}` for an answer.
"""

import asyncio
import contextlib
import logging
from typing import Any

import orjson
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from chatproject.errors import ChatError, Invalid, TooLarge, Unavailable

from . import origin
from .application import Application, Handshake
from .connection import Connection
from .engineio.request import request_of
from .errors import ProtocolError
from .outbox import Outbox
from .socketio.packets import odd_json

logger = logging.getLogger(__name__)

REFUSED, TRY_AGAIN, TOO_SLOW = 4001, 4013, 4008
_MAX_QUEUED_EVENTS = 64


class JsonWire:
    """How a connection of this door writes an event."""

    def event(self, name: str, data: bytes) -> str:
        return f'{{"event":"{name}","data":{data.decode()}}}'


WIRE = JsonWire()


class JsonConsumer(AsyncWebsocketConsumer):  # type: ignore[misc] # channels has no types
    """One websocket and its connection (`realtime.line.Line`); its events are handled one by one, in order."""

    channel_layer_alias = "none"

    def __init__(self, application: Application, connect_timeout: float, max_payload: int) -> None:
        super().__init__()
        self.application = application
        self.connect_timeout, self.max_payload = connect_timeout, max_payload
        self.connection: Connection | None = None
        self._outbox = Outbox(on_overflow=self._overflow)
        self._events: asyncio.Queue[Any] = asyncio.Queue(_MAX_QUEUED_EVENTS)
        self._tasks: list[asyncio.Task[None]] = []
        self._entered = self._closing = False

    async def dispatch(self, message: dict[str, Any]) -> None:
        await getattr(self, get_handler_name(message))(message)

    # --- the line ----------------------------------------------------------------------------------------------------
    @property
    def backlog(self) -> int:
        return len(self._outbox)

    def put(self, *packets: str | bytes) -> None:
        # After what was given up, nothing may follow: the client would take it for the whole.
        if not self._closing:
            self._outbox.put(*packets)

    def end(self, reason: str, *, code: int = 1000) -> None:
        if not self._closing:
            self._closing = True
            self._tasks.append(asyncio.create_task(self._end(reason, code)))

    def _overflow(self) -> None:
        self._outbox.clear()
        self.end("too slow: reconnect and resume", code=TOO_SLOW)

    async def _end(self, reason: str, code: int) -> None:
        await self._outbox.drained(1.0)
        self._outbox.detach()
        with contextlib.suppress(Exception):  # the transport may be gone already
            await self.close(code, reason)

    async def _write(self, packet: str | bytes) -> None:
        await self.send(text_data=packet)

    # --- the websocket -----------------------------------------------------------------------------------------------
    async def connect(self) -> None:
        headers = request_of(self.scope)["headers"]
        if not origin.is_allowed(headers.get("origin"), headers.get("host")):
            logger.info("socket refused: origin %s is not in ALLOWED_ORIGINS", headers.get("origin"))
            await self.close()
            return
        await self.accept()
        self.connection = Connection(wire=WIRE, line=_Line(self))
        self._outbox.attach(self._write)
        self._tasks += [asyncio.create_task(work()) for work in (self._handle_events, self._expect_connect)]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._closing or self.connection is None:
            return
        data = text_data.encode(errors="surrogatepass") if text_data is not None else bytes_data or b""
        if len(data) > self.max_payload:
            self._complain(TooLarge(f"A frame takes {self.max_payload} bytes at most."), None)
            self.end("frame too large", code=1009)
            return
        try:
            frame = _parsed(data)
        except Invalid as error:
            self._complain(error, None)
            return
        await self._events.put(frame)

    async def disconnect(self, code: int) -> None:
        self._closing = True
        self._outbox.detach()
        for task in self._tasks:
            task.cancel()
        if self.connection and self._entered:
            self.connection.closed = True
            await self.application.exit(self.connection)
        raise StopConsumer

    # --- events ------------------------------------------------------------------------------------------------------
    async def _expect_connect(self) -> None:
        await asyncio.sleep(self.connect_timeout)
        if not self._entered:
            self.end("no connect event came", code=REFUSED)

    async def _handle_events(self) -> None:
        while True:
            frame = await self._events.get()
            try:
                await self._handle(frame)
            except Exception:  # a bug must cost this event, not the connection's following ones
                logger.exception("an event could not be handled")
                self._answer(frame, {"ok": False, "error": Unavailable("Internal error.").as_wire()})

    async def _handle(self, frame: dict[str, Any]) -> None:
        connection, event, data = self.connection, frame["event"], frame.get("data")
        if connection is None or self._closing:
            return
        if event == "ping":
            connection.write('{"event":"pong"}')
        elif not self._entered:
            await self._enter(connection, frame)
        elif event == "connect":
            self._complain(Invalid("This connection is connected already."), event)
        else:
            answer = await self.application.on_event(connection, event, [data], wants_answer="ack" in frame)
            self._answer(frame, answer[0] if answer else {"ok": True})

    async def _enter(self, connection: Connection, frame: dict[str, Any]) -> None:
        data = frame.get("data") or {}
        if frame["event"] != "connect" or not isinstance(data, dict):
            self._complain(Invalid('Send {"event": "connect", "data": {"token": ...}} first.'), frame["event"])
            return
        handshake = Handshake(data, request_of(self.scope)["headers"])
        try:
            await self.application.authenticate(connection, handshake)
        except ChatError as error:
            self._complain(error, "connect")
            self.end(error.code, code=REFUSED)
            return
        self._entered = True
        try:
            await self.application.enter(connection, handshake)
        except ChatError as error:
            self._complain(error, "connect")
            self.end("try again later", code=TRY_AGAIN)

    def _answer(self, frame: dict[str, Any], answer: dict[str, Any]) -> None:
        if "ack" in frame and self.connection:
            self.connection.write(orjson.dumps({"ack": frame["ack"], "data": answer}).decode())

    def _complain(self, error: ChatError, event: str | None) -> None:
        if self.connection:
            name = {"event": event.encode(errors="replace").decode()} if event else {}
            self.connection.emit("error", {**name, **error.as_wire()})


class _Line:
    """The consumer as a connection's line; Channels' own `send` and `close` have other meanings."""

    def __init__(self, consumer: JsonConsumer) -> None:
        self._consumer = consumer

    @property
    def backlog(self) -> int:
        return self._consumer.backlog

    def send(self, *packets: str | bytes) -> None:
        self._consumer.put(*packets)

    def close(self, reason: str, *, code: int = 1000) -> None:
        self._consumer.end(reason, code=code)


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
    if not isinstance(frame.get("ack", 0), int | str) or isinstance(frame.get("ack"), bool):
        raise Invalid("`ack` is a number or a string.")
    return frame
