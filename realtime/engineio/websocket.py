"""The websocket door of Engine.IO: a session of its own, or one that began with polling, wherever it lives."""

import asyncio
import contextlib
import logging
from typing import Any
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from redis.exceptions import RedisError

from realtime import origin
from realtime.errors import ProtocolError

from . import packets
from .cluster import OwnerGone
from .packets import MESSAGE, PONG, UPGRADE, Packet
from .request import request_of
from .server import Relay, Server, take_frame
from .session import BROKEN, Session, SessionError

logger = logging.getLogger(__name__)

_PROBE = "probe"


class WebSocketConsumer(AsyncWebsocketConsumer):  # type: ignore[misc] # channels has no types
    """One websocket: it carries a session, probes for one, or relays one of another process."""

    # No channel of its own: the hub subscribes once for all connections of the process.
    channel_layer_alias = "none"

    def __init__(self, get_server: Any) -> None:
        super().__init__()
        self.server: Server = get_server()
        self.session: Session | None = None
        self.sid = ""
        self.base64 = False
        self.probing = self.relayed = self.over = False
        self._out: asyncio.Queue[Packet | int] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch hops to a thread before every frame to close SQL connections; there are none.
        await getattr(self, get_handler_name(message))(message)

    # --- opening -----------------------------------------------------------------------------------------------------
    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        headers = {name: value.decode("latin-1") for name, value in self.scope["headers"]}
        if not origin.is_allowed(headers.get(b"origin"), headers.get(b"host")):
            logger.info("socket refused: origin %s is not in ALLOWED_ORIGINS", headers.get(b"origin"))
            await self.close()
        elif query.get("transport") != ["websocket"]:
            await self.close()
        else:
            self.base64 = query.get("b64", ["0"]) != ["0"]
            await self._open(query)

    async def _open(self, query: dict[str, list[str]]) -> None:
        if "sid" in query:
            await self._connect_upgrade(query["sid"][0])
        elif query.get("EIO") != [packets.VERSION]:
            await self.close()
        else:
            await self.accept()
            self.session = self.server.open(request_of(self.scope), transport="websocket", base64=self.base64)
            self.sid = self.session.sid
            self.session.attach(self._write, self._close_later)

    async def _connect_upgrade(self, sid: str) -> None:
        self.sid = sid
        try:
            await self.server.transport_of(sid)
        except SessionError:
            await self.close()
            return
        await self.accept()
        if await self._asks(self.server.begin_upgrade(sid)):
            self.probing = True
            self._tasks.append(asyncio.create_task(self._give_up_probing()))
        else:
            await self._end()

    async def _asks(self, question: Any) -> Any:
        """Return the owner's answer, or None when there is no owner any more."""
        try:
            return await question
        except SessionError:
            return None

    async def _give_up_probing(self) -> None:
        await asyncio.sleep(self.server.settings.upgrade_timeout)
        if self.probing:
            await self._end()

    # --- frames ------------------------------------------------------------------------------------------------------
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        packet: Packet = text_data if text_data is not None else bytes_data or b""
        size = len(packet.encode()) if isinstance(packet, str) else len(packet)
        if self.over:
            return
        if size > self.server.settings.max_payload:
            await self._end(1009)
            return
        try:
            await self._take(packet)
        except (ProtocolError, UnicodeEncodeError, SessionError, OwnerGone, RedisError) as error:
            logger.info("websocket closed: %s", error)
            await self._end(BROKEN)

    async def _take(self, packet: Packet) -> None:
        if self.relayed:
            await self.server.forward(self.sid, packet)
        elif self.probing:
            await self._probe(packet)
        elif self.session:
            await take_frame(self.session, packet)

    async def _probe(self, packet: Packet) -> None:
        """Answer the client's probe, and take over when it says that it has moved."""
        kind, data = packets.decode(packet) if isinstance(packet, str) else (MESSAGE, packet)
        if kind == packets.PING and data == _PROBE:
            # The answer may reach the client, and its next GET the owner, before the release does.
            await self.server.note_poll(self.sid)
            await super().send(text_data=PONG + _PROBE)
            await self.server.release_poll(self.sid)
        elif kind == UPGRADE:
            self.probing = False
            await self._upgrade()
        else:
            raise ProtocolError("a probe was expected")

    async def _upgrade(self) -> None:
        self.session = self.server.local(self.sid)
        if self.session:
            self.session.attach(self._write, self._close_later)
            return
        self.relayed = True
        relay = Relay(self._deliver, self._out.put_nowait)
        self.session = await self.server.carry(self.sid, relay)
        if self.session:
            self.relayed = False
            self.session.attach(self._write, self._close_later)
        else:
            self._tasks += [asyncio.create_task(self._write_relayed()), asyncio.create_task(self._mind_owner())]

    # --- out ---------------------------------------------------------------------------------------------------------
    async def _write(self, packet: Packet) -> None:
        if isinstance(packet, str):
            await super().send(text_data=packet)
        elif self.base64 or not packet:
            # Some servers drop an empty binary frame; as text it arrives everywhere.
            await super().send(text_data=packets.encode_text(packet))
        else:
            await super().send(bytes_data=packet)

    def _deliver(self, delivered: list[Packet]) -> None:
        for packet in delivered:
            self._out.put_nowait(packet)

    async def _write_relayed(self) -> None:
        while not isinstance(packet := await self._out.get(), int):
            await self._write(packet)
        await self._end(packet)

    async def _mind_owner(self) -> None:
        """Tell the client at once when the process that its session lives in is gone."""
        while True:
            await asyncio.sleep(1.0)
            try:
                await self.server.transport_of(self.sid)
            except SessionError:
                await self._end()
                return

    async def _close_later(self, code: int) -> None:
        await self._end(code)

    async def _end(self, code: int | None = None) -> None:
        if not self.over:
            self.over = True
            with contextlib.suppress(Exception):  # the transport may be gone already
                await self.close(code)

    # --- the end -----------------------------------------------------------------------------------------------------
    async def disconnect(self, code: int) -> None:
        self.over = True
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        if self.relayed:
            with contextlib.suppress(Exception):
                await self.server.forward(self.sid, None)
        elif self.session:
            self.session.close("transport close", tell=False)
        elif self.probing:
            await self._asks(self.server.end_upgrade(self.sid))
        raise StopConsumer
