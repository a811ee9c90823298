"""The websocket door of Engine.IO: a session of its own, or one that began with polling, wherever it lives."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping

from redis.exceptions import RedisError

from realtime.transport.encoded import Encoded, RawPacket, size_of
from realtime.transport.endpoint import Query
from realtime.transport.errors import ProtocolError
from realtime.transport.inbox import Inbox
from realtime.transport.outbox import Outbox
from realtime.transport.websocket import Owner, Socket

from . import packets
from .cluster import OwnerGone
from .contract import SessionError
from .packets import MESSAGE, PONG, UPGRADE
from .relay import Relay
from .server import Server
from .session import BROKEN, TOO_BIG, EngineSession

logger = logging.getLogger(__name__)

_PROBE = "probe"
_MIND_OWNER_EVERY = 1.0


class EngineDoor:
    """A websocket carries a session of its own, or tries to take one over that began with polling (`Door`)."""

    # Sessions have a heartbeat, over whatever carries them.
    pings = False

    def __init__(self, get_server: Callable[[], Server]) -> None:
        self._get_server = get_server

    def open(self, query: Query, credentials: Mapping[str, str]) -> Owner | None:
        fresh = "sid" not in query and query.get("EIO") == [packets.VERSION]
        if not fresh or query.get("transport") != ["websocket"]:
            return None
        return self._get_server().open(credentials, transport="websocket", base64=_wants_base64(query))

    async def find(self, query: Query, credentials: Mapping[str, str]) -> Owner | None:
        if "sid" not in query or query.get("transport") != ["websocket"]:
            return None
        server, sid = self._get_server(), query["sid"][0]
        try:
            await server.transport_of(sid)
        except SessionError:
            return None
        return Upgrade(server, sid, base64=_wants_base64(query))


def _wants_base64(query: Query) -> bool:
    return query.get("b64", ["0"]) != ["0"]


class Upgrade:
    """A websocket that wants to carry a polling session: it is probed, and then handed over (`Owner`)."""

    def __init__(self, server: Server, sid: str, *, base64: bool) -> None:
        self.server, self.sid, self.base64 = server, sid, base64
        self._inbox: Inbox[RawPacket] = Inbox(self._handle, on_drained=self._on_drained)
        self._locked = self._done = False

    # --- the websocket -----------------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        self.socket = socket
        self._inbox.hold()
        self._locking = asyncio.create_task(self._lock())
        seconds = self.server.settings.upgrade_timeout
        self._patience = asyncio.get_running_loop().call_later(seconds, self._give_up)

    def frame_received(self, frame: RawPacket) -> None:
        if size_of(frame) > self.server.settings.max_payload:
            self._give_up(TOO_BIG)
            return
        self._inbox.put(frame)
        if self._inbox.full:
            self.socket.pause()

    def _on_drained(self) -> None:
        self.socket.resume()

    def writable(self) -> None:
        pass

    def lost(self, code: int) -> None:
        self._finish()

    # --- the upgrade -------------------------------------------------------------------------------------------------
    async def _lock(self) -> None:
        with contextlib.suppress(SessionError):
            self._locked = await self.server.begin_upgrade(self.sid)
        if self._done:
            # It was over before the lock had come.
            self._give_back()
        elif self._locked:
            self._inbox.release()
        else:
            self._give_up()

    def _give_back(self) -> None:
        """Let the session's polls wait again, and another websocket try; its owner does so by itself a little later."""
        if self._locked:
            self._locked = False
            self._giving_back = asyncio.create_task(self._unlock())

    async def _unlock(self) -> None:
        with contextlib.suppress(SessionError):
            await self.server.end_upgrade(self.sid)

    def _give_up(self, code: int = 1000) -> None:
        if not self._done:
            self._finish()
            self.socket.close(code)

    def _finish(self) -> None:
        self._done = True
        self._patience.cancel()
        self._inbox.close()
        self._give_back()

    async def _handle(self, frame: RawPacket) -> None:
        """Answer the client's probe, and take over when it says that it has moved."""
        try:
            kind, data = packets.decode(frame) if isinstance(frame, str) else (MESSAGE, frame)
            if kind == packets.PING and data == _PROBE:
                await self._answer_probe()
            elif kind == UPGRADE:
                await self._upgrade()
            else:
                raise ProtocolError("a probe was expected")
        except (ProtocolError, SessionError, OwnerGone, RedisError) as error:
            logger.info("websocket closed: %s", error)
            self._give_up(BROKEN)

    async def _answer_probe(self) -> None:
        if self._inbox.waiting > 1:
            # The client has not waited for the answer: whatever GET is there by now came after its move.
            self.socket.write(Encoded([PONG + _PROBE]))
            return
        # The answer may reach the client, and its next GET the owner, before the release does.
        await self.server.note_poll(self.sid)
        self.socket.write(Encoded([PONG + _PROBE]))
        await self.server.release_poll(self.sid)

    async def _upgrade(self) -> None:
        owner: EngineSession | RelayedWebSocket
        if session := self.server.local(self.sid):
            session.require("polling")
            owner = session
        else:
            carrier = RelayedWebSocket(self.server, self.sid)
            owner = await self.server.carry(self.sid, Relay(carrier.deliver, carrier.close)) or carrier
        self._locked = False
        if self._done:
            owner.lost(1006)
            return
        early = self._inbox.take_all()
        self._finish()
        if isinstance(owner, EngineSession):
            owner.base64 = owner.base64 or self.base64
        owner.opened(self.socket)
        for frame in early:
            owner.frame_received(frame)


class RelayedWebSocket:
    """A websocket here that carries a session of another process: what comes in leaves for there (`Owner`)."""

    def __init__(self, server: Server, sid: str) -> None:
        self.server, self.sid = server, sid
        self.socket: Socket | None = None
        self._outbox = Outbox(on_overflow=self._overflow)
        self._inbox: Inbox[RawPacket | None] = Inbox(self._forward, on_drained=self._on_drained)
        self._minding: asyncio.Task[None] | None = None
        self._ended = False

    # --- the websocket -----------------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        self.socket = socket
        socket.owner = self
        self._outbox.attach(socket)
        self._minding = asyncio.create_task(self._mind_owner())

    def frame_received(self, frame: RawPacket) -> None:
        if self._ended:
            return
        if size_of(frame) > self.server.settings.max_payload:
            self.close(TOO_BIG)
            return
        self._inbox.put(frame)
        if self._inbox.full and self.socket:
            self.socket.pause()

    def _on_drained(self) -> None:
        if self.socket:
            self.socket.resume()

    def writable(self) -> None:
        self._outbox.flush()

    def lost(self, code: int) -> None:
        self.socket = None
        self._outbox.detach()
        self._inbox.put(None)

    # --- the owner ---------------------------------------------------------------------------------------------------
    def deliver(self, delivered: list[RawPacket]) -> None:
        """Take packets of the session."""
        self._outbox.put(Encoded(delivered))

    def close(self, code: int) -> None:
        """End the websocket; what its session has not been handed yet is not handed on: something before it is lost."""
        self._ended = True
        if None in self._inbox.take_all():
            # That the websocket is gone is still to be told.
            self._inbox.put(None)
        self._stop_minding()
        self._outbox.finish(code)

    async def _forward(self, frame: RawPacket | None) -> None:
        try:
            await self.server.forward(self.sid, frame)
        except (OwnerGone, RedisError) as error:
            logger.info("websocket closed: %r", error)
            self.close(BROKEN)
        if frame is None:
            self._stop_minding()
            self._inbox.close()

    async def _mind_owner(self) -> None:
        """Tell the client at once when the process that its session lives in is gone."""
        while True:
            await asyncio.sleep(_MIND_OWNER_EVERY)
            try:
                await self.server.transport_of(self.sid)
            except SessionError:
                self.close(1000)
                return

    def _overflow(self) -> None:
        self._outbox.clear()
        self.close(1000)

    def _stop_minding(self) -> None:
        if self._minding and self._minding is not asyncio.current_task():
            self._minding.cancel()
