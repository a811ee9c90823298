"""All sessions of one path: those that live here, and the way to those that live in other processes."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any, Protocol

import redis.asyncio as redis

from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.inbox import MAX_WAITING

from . import packets
from .cluster import Cluster, OwnerGone
from .contract import SessionError, SessionHandler, Settings
from .deduplicator import RequestDeduplicator
from .heartbeat import Heartbeat
from .relay import LOST, Relay, RemoteSocket
from .session import CLIENT_CLOSED, LEAVING, EngineSession

logger = logging.getLogger(__name__)

UNKNOWN_SESSION = 1
# A GET that was sent before the client's own close finds its answer this long.
_REMEMBERED_SECONDS = 1.0
# A process that goes down looks for GETs that wait so often, and gives another process so long to let one go.
_LEAVE_STEP, _RELEASE_PATIENCE = 0.1, 1.0
# A relayed websocket cannot be told to wait: one that runs this far ahead is closed.
_MAX_AHEAD = 4 * MAX_WAITING


class MakeInner(Protocol):
    def __call__(self, credentials: Mapping[str, str]) -> SessionHandler: ...


class Server:
    """Sessions by sid; every operation works on whichever process it lands."""

    def __init__(self, settings: Settings, make_inner: MakeInner, *, redis_url: str, namespace: str) -> None:
        self.settings = settings
        self.heartbeat = Heartbeat(settings.ping_interval, settings.ping_timeout)
        self._make_inner = make_inner
        self._sessions: dict[str, EngineSession] = {}
        # By what a client may have said who it is when it opened: it goes with the session when that moves.
        self._credentials: dict[str, Mapping[str, str]] = {}
        # Websockets here of sessions elsewhere, and sessions here whose websocket is elsewhere.
        self._relays: dict[str, Relay] = {}
        self._relayed: dict[str, RemoteSocket] = {}
        # The sessions whose GET waits here, wherever they live.
        self._polled: set[str] = set()
        self._repeats = RequestDeduplicator()
        self._tasks: set[asyncio.Task[None]] = set()
        # Without Redis, sessions are this process's alone.
        self.cluster = Cluster(
            redis_url, namespace, on_call=self._on_call, on_tell=self._on_tell, on_lost=self._on_lost
        )

    # --- sessions ----------------------------------------------------------------------------------------------------
    def open(self, credentials: Mapping[str, str], *, transport: str, base64: bool = False) -> EngineSession:
        """Make a session that lives here; its OPEN packet is queued."""
        inner = self._make_inner(credentials)
        session = EngineSession(self.cluster.new_sid(), self, inner, transport=transport, base64=base64)
        self._keep(session, credentials)
        settings = self.settings
        opening = packets.handshake(
            sid=session.sid,
            upgrades=["websocket"] if transport == "polling" else [],
            ping_interval=settings.ping_interval,
            ping_timeout=settings.ping_timeout,
            max_payload=settings.max_payload,
        )
        session.send(Encoded([opening]))
        return session

    def _keep(self, session: EngineSession, credentials: Mapping[str, str]) -> None:
        self._sessions[session.sid] = session
        if credentials:
            self._credentials[session.sid] = credentials

    def on_closed(self, session: EngineSession) -> None:
        """Let go of a session that has ended, a little later: requests that were on their way find their answer."""
        self._run(session.leave_inner())
        loop = asyncio.get_running_loop()
        loop.call_later(_REMEMBERED_SECONDS, self._forget, session, loop.time() + self.settings.ping_timeout)

    def _forget(self, session: EngineSession, until: float) -> None:
        loop = asyncio.get_running_loop()
        untold = session.outbox and session.transport == "polling" and session.closed != CLIENT_CLOSED
        if untold and loop.time() < until:
            loop.call_later(_REMEMBERED_SECONDS, self._forget, session, until)
        elif self._sessions.get(session.sid) is session:
            del self._sessions[session.sid]
            self._credentials.pop(session.sid, None)
            self._relayed.pop(session.sid, None)
            self._repeats.forget(session.sid)

    def local(self, sid: str) -> EngineSession | None:
        return self._sessions.get(sid)

    async def transport_of(self, sid: str) -> str:
        """Return "polling" or "websocket"; raises `SessionError` for a session that nobody knows."""
        result: str = await self._call(sid, "transport")
        return result

    async def poll(self, sid: str, *, stamp: str = "") -> str:
        """Answer a GET; one with the stamp of the last one is that one again."""
        self._polled.add(sid)
        try:
            result: str = await self._call(sid, "poll", stamp=stamp)
        finally:
            self._polled.discard(sid)
        return result

    async def post(self, sid: str, body: bytes, *, stamp: str = "") -> None:
        await self._call(sid, "post", body=body, stamp=stamp)

    async def abort(self, sid: str) -> None:
        await self._call(sid, "abort")

    async def begin_upgrade(self, sid: str) -> bool:
        result: bool = await self._call(sid, "begin_upgrade")
        return result

    async def note_poll(self, sid: str) -> None:
        await self._call(sid, "note_poll")

    async def release_poll(self, sid: str) -> None:
        await self._call(sid, "release_poll")

    async def end_upgrade(self, sid: str) -> None:
        await self._call(sid, "end_upgrade")

    async def _call(self, sid: str, operation: str, **data: Any) -> Any:
        """Do it here, or have the owner do it; an owner that is gone has taken its sessions with it."""
        owner = self.cluster.owner_of(sid)
        if owner == self.cluster.node:
            return await self._on_call(operation, {"sid": sid, **data})
        try:
            return await self.cluster.call(owner, operation, {"sid": sid, **data})
        except (OwnerGone, redis.RedisError) as error:
            raise SessionError(UNKNOWN_SESSION) from error

    async def _on_call(self, operation: str, data: dict[str, Any]) -> Any:
        session = self._sessions.get(data["sid"])
        if session is None:
            raise SessionError(UNKNOWN_SESSION)
        result: Any = None
        match operation:
            case "transport":
                result = session.transport
            case "poll":
                result = await self._repeats.once(session.sid, operation, data["stamp"], session.poll)
            case "post":
                post = partial(session.post, data["body"])
                await self._repeats.once(session.sid, operation, data["stamp"], post)
            case "abort":
                session.abort_poll()
            case "begin_upgrade":
                result = session.begin_upgrade()
            case "end_upgrade":
                session.end_upgrade()
            case "note_poll":
                session.note_poll()
            case "release_poll":
                session.release_poll()
            case "carry":
                session.require("polling")
                result = self._hand_over(session)
                if result is None:
                    socket = RemoteSocket(session, self.cluster, data["node"], session.sid)
                    self._relayed[session.sid] = socket
                    session.opened(socket)
        return result

    # --- a websocket elsewhere ---------------------------------------------------------------------------------------
    async def carry(self, sid: str, relay: Relay) -> EngineSession | None:
        """Take a session of another process over, or None: it stays there and is relayed. Raises `SessionError`."""
        self._relays[sid] = relay
        try:
            moved: dict[str, Any] | None = await self._call(sid, "carry", node=self.cluster.node)
        except BaseException:
            self._relays.pop(sid, None)
            raise
        if moved is None:
            return None
        self._relays.pop(sid, None)
        inner = self._make_inner(moved["credentials"])
        session = EngineSession(sid, self, inner, transport="websocket", base64=moved["base64"])
        session.take_over(moved["received"], moved["waiting"])
        self._keep(session, moved["credentials"])
        return session

    async def forward(self, sid: str, packet: RawPacket | None) -> None:
        """Hand the owner a frame of a relayed websocket, or None: it is closed. Raises `OwnerGone`."""
        if packet is None:
            self._relays.pop(sid, None)
        await self.cluster.tell(self.cluster.owner_of(sid), "frame", {"sid": sid, "packet": packet})

    def _hand_over(self, session: EngineSession) -> dict[str, Any] | None:
        credentials = self._credentials.get(session.sid, {})
        moved = session.migrate()
        if moved is None:
            return None
        received, waiting = moved
        return {"credentials": credentials, "base64": session.base64, "received": received, "waiting": waiting}

    def _on_tell(self, operation: str, data: dict[str, Any]) -> None:
        relay, session = self._relays.get(data["sid"]), self._sessions.get(data["sid"])
        if operation == "frame" and session and session.transport == "websocket":
            self._take_frame(session, data["packet"])
        elif operation == "out" and relay:
            relay.deliver(data["packets"])
        elif operation == "close" and relay:
            relay.close(data["code"])

    def _on_lost(self) -> None:
        """End what is relayed: something between here and there may be lost, and the client must not go on past it."""
        relays, self._relays = self._relays, {}
        for relay in relays.values():
            relay.close(LOST)
        relayed, self._relayed = self._relayed, {}
        for socket in relayed.values():
            socket.gone()
            socket.owner.lost(LOST)

    def _take_frame(self, session: EngineSession, packet: RawPacket | None) -> None:
        """Take a frame of a relayed websocket, or None: it is closed."""
        if packet is None:
            session.lost(1006)
        elif session.waiting > _MAX_AHEAD:
            session.close("too fast", tell=False)
        else:
            session.frame_received(packet)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- the end -----------------------------------------------------------------------------------------------------
    def leave(self) -> None:
        """From now on let no GET wait: the process goes down, and would be held up by it."""
        self._run(self._let_polls_go())

    async def _let_polls_go(self) -> None:
        # Again and again: until the process takes no more requests, clients come back to it.
        while True:
            for session in list(self._sessions.values()):
                if session.transport == "polling":
                    session.close(LEAVING)
            await asyncio.gather(*(self._release(sid) for sid in self._polled))
            await asyncio.sleep(_LEAVE_STEP)

    async def _release(self, sid: str) -> None:
        """Have a GET of a session that lives elsewhere answered with nothing: its next one goes to another process."""
        with contextlib.suppress(SessionError, TimeoutError):
            async with asyncio.timeout(_RELEASE_PATIENCE):
                await self.note_poll(sid)
                await self.release_poll(sid)

    async def close(self) -> None:
        """End every session that lives here; its client comes back elsewhere."""
        for session in list(self._sessions.values()):
            session.close(LEAVING)
        self.heartbeat.close()
        for task in self._tasks:
            task.cancel()
        await self.cluster.close()
