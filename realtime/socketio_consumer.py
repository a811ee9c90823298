"""Socket.IO over a websocket: the Engine.IO session, and the one Socket.IO namespace that the application lives in."""

import asyncio
import contextlib
import logging
from http.cookies import SimpleCookie
from typing import Any, ClassVar
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from chatproject.errors import ChatError, Unavailable
from chatproject.ids import new_id

from . import engineio, origin, socketio
from .application import Application, Handshake, dispatch
from .connection import Connection
from .errors import ProtocolError

logger = logging.getLogger(__name__)

# Events of one client that may wait for their turn; past it, reading stops and TCP slows the client down.
_MAX_QUEUED_EVENTS = 64


class SocketIOConsumer(AsyncWebsocketConsumer):  # type: ignore[misc] # channels has no types
    """One websocket; its events are handled one by one, in the order in which they came."""

    # No channel of its own: the hub subscribes once for all connections of the process.
    channel_layer_alias = "none"
    application: ClassVar[Application]

    def __init__(self, application: Application) -> None:
        super().__init__()
        self.app = application
        self.connection: Connection | None = None
        self._connected = False
        self._tasks: list[asyncio.Task[None]] = []
        self._events: asyncio.Queue[socketio.Packet] = asyncio.Queue(_MAX_QUEUED_EVENTS)
        self._heard = asyncio.Event()

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch hops to a thread before every frame to close SQL connections; there are none.
        await getattr(self, get_handler_name(message))(message)

    # --- the websocket -----------------------------------------------------------------------------------------------
    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        headers = self._headers()
        if not origin.is_allowed(headers.get("origin"), headers.get("host")):
            logger.info("socket refused: origin %s is not in ALLOWED_ORIGINS", headers.get("origin"))
            await self.close()
            return
        # A session opened elsewhere cannot be taken over here, and another protocol version is not spoken.
        if query.get("EIO") != [engineio.VERSION] or "sid" in query:
            await self.close()
            return
        await self.accept()
        self.connection = Connection(wire=socketio.WIRE, send=self.send, close=self.close)
        self.connection.write(
            engineio.handshake(
                sid=new_id("e"),
                upgrades=[],
                ping_interval=settings.PING_INTERVAL,
                ping_timeout=settings.PING_TIMEOUT,
                max_payload=settings.MAX_PACKET_BYTES,
            )
        )
        self._tasks = [
            asyncio.create_task(self._heartbeat(self.connection)),
            asyncio.create_task(self._expect_connect(self.connection)),
            asyncio.create_task(self._handle_events(self.connection)),
        ]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        connection = self.connection
        if connection is None or connection.closed:
            return
        try:
            if text_data is None:
                raise ProtocolError("binary attachments are not taken")
            if len(text_data) > settings.MAX_PACKET_BYTES or len(text_data.encode()) > settings.MAX_PACKET_BYTES:
                connection.end(1009, "packet too large")
                return
            await self._on_packet(connection, *engineio.decode(text_data))
        except (ProtocolError, UnicodeEncodeError) as error:
            logger.info("socket closed: %s", error)
            connection.end(1002, "protocol error")

    async def _on_packet(self, connection: Connection, kind: str, data: str) -> None:
        if kind == engineio.MESSAGE:
            await self._on_message(connection, socketio.decode(data))
        elif kind == engineio.PONG:
            self._heard.set()
        elif kind == engineio.CLOSE:
            connection.end(1000, "closed by the client")
        elif kind == engineio.PING:
            raise ProtocolError("in this version the server pings")

    async def disconnect(self, code: int) -> None:
        for task in self._tasks:
            task.cancel()
        if self.connection:
            await self.connection.stop()
            if self._connected:
                await self.app.exit(self.connection)
        raise StopConsumer

    # --- Socket.IO ---------------------------------------------------------------------------------------------------
    async def _on_message(self, connection: Connection, packet: socketio.Packet) -> None:
        if packet.type == socketio.CONNECT:
            await self._on_connect(connection, packet)
        elif not self._connected or packet.namespace != "/":
            raise ProtocolError("a namespace must be connected first")
        elif packet.type == socketio.EVENT:
            await self._events.put(packet)
        elif packet.type == socketio.DISCONNECT:
            connection.end(1000, "closed by the client")
        elif packet.type != socketio.ACK:
            raise ProtocolError("unexpected packet type")

    async def _on_connect(self, connection: Connection, packet: socketio.Packet) -> None:
        if packet.namespace != "/":
            self._refuse(connection, packet.namespace, {"message": "Invalid namespace"})
            return
        if self._connected:
            raise ProtocolError("already connected")
        handshake = self._handshake(packet.data or {})
        try:
            await self.app.authenticate(connection, handshake)
        except ChatError as error:
            self._refuse(connection, "/", {"message": error.message, "data": error.as_wire()})
            return
        self._connected = True
        connection.write(socketio.encode(socketio.Packet(socketio.CONNECT, data={"sid": connection.id})))
        await self._events.put(packet)

    def _refuse(self, connection: Connection, namespace: str, error: dict[str, Any]) -> None:
        connection.write(socketio.encode(socketio.Packet(socketio.CONNECT_ERROR, namespace, error)))

    async def _handle_events(self, connection: Connection) -> None:
        """Handle what the client sent, one by one: entering first, then its events."""
        while True:
            packet = await self._events.get()
            try:
                if packet.type == socketio.CONNECT:
                    await self.app.enter(connection, self._handshake(packet.data or {}))
                else:
                    await self._on_event(connection, packet)
            except ChatError as error:
                connection.emit("error", {"event": "connect", **error.as_wire()})
                connection.end_after_writing(4013, "try again later")
            except Exception:  # a bug must cost this event, not the connection's following ones
                logger.exception("an event could not be handled")
                self._answer(connection, packet, {"ok": False, "error": Unavailable("Internal error.").as_wire()})

    async def _on_event(self, connection: Connection, packet: socketio.Packet) -> None:
        event, *arguments = packet.data
        self._answer(connection, packet, await dispatch(self.app, connection, event, arguments))

    def _answer(self, connection: Connection, packet: socketio.Packet, answer: dict[str, Any]) -> None:
        """Acknowledge; who asked for no acknowledgement hears of a failure as an `error` event."""
        if packet.id is not None:
            connection.write(socketio.encode(socketio.Packet(socketio.ACK, data=[answer], id=packet.id)))
        elif not answer["ok"]:
            connection.emit("error", {"event": _name(packet), **answer["error"]})

    # --- life --------------------------------------------------------------------------------------------------------
    async def _heartbeat(self, connection: Connection) -> None:
        """Ping; whoever does not answer in time is gone."""
        while not connection.closed:
            await asyncio.sleep(settings.PING_INTERVAL)
            self._heard.clear()
            connection.write(engineio.PING)
            try:
                async with asyncio.timeout(settings.PING_TIMEOUT):
                    await self._heard.wait()
            except TimeoutError:
                connection.end(1000, "ping timeout")

    async def _expect_connect(self, connection: Connection) -> None:
        """End a client that never connects to a namespace."""
        await asyncio.sleep(settings.CONNECT_TIMEOUT)
        if not self._connected:
            connection.end(1000, "no namespace was connected")

    # --- the request -------------------------------------------------------------------------------------------------
    def _headers(self) -> dict[str, str]:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}

    def _handshake(self, auth: dict[str, Any]) -> Handshake:
        headers = self._headers()
        cookie: SimpleCookie = SimpleCookie()
        with contextlib.suppress(Exception):  # a broken cookie header is no cookie
            cookie.load(headers.get("cookie", ""))
        return Handshake(auth, headers, {name: morsel.value for name, morsel in cookie.items()})


def _name(packet: socketio.Packet) -> str:
    """Return what to call the packet in an error; half of a surrogate pair in it could not be written back."""
    return "connect" if packet.type == socketio.CONNECT else str(packet.data[0]).encode(errors="replace").decode()
