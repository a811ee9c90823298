"""The sessions of one path: those that live in this process, and operations on those that live in others."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any, Protocol

import redis.asyncio as redis

from realtime.transport.close_reasons import CLIENT_CLOSED, INTERNAL_ERROR, SHUTTING_DOWN
from realtime.transport.encoded import Encoded, RawPacket

from . import packets
from .cluster import Cluster, OwnerGone
from .contract import UNKNOWN_SESSION, SessionError, SessionHandler, Settings
from .deduplicator import RequestDeduplicator
from .heartbeat import Heartbeat
from .operations import Operation
from .remote_socket import BROKE_OFF, LOST, RemoteSocket
from .session import FAILED, EngineIOSession

logger = logging.getLogger(__name__)

# How long a closed session is kept: a GET that was sent before the client's own CLOSE still gets a response.
_CLOSED_SECONDS = 1.0
# While the process shuts down: how often it ends GETs that wait, and how long it waits for another process to end one.
_RELEASE_INTERVAL, _RELEASE_TIMEOUT = 0.1, 1.0


class HandlerFactory(Protocol):
    def __call__(self, credentials: Mapping[str, str]) -> SessionHandler: ...


class Relayed(Protocol):
    """A websocket here whose session lives in another process (`RelayedWebSocket`)."""

    def deliver(self, delivered: list[RawPacket]) -> None: ...

    def close(self, code: int) -> None: ...


class Server:
    """Sessions by sid. Each operation may be called in any process: the session's owner runs it."""

    def __init__(self, settings: Settings, make_handler: HandlerFactory, *, redis_url: str, namespace: str) -> None:
        """Without a `redis_url`, this process is the only one."""
        self.settings = settings
        self.heartbeat = Heartbeat(settings.ping_interval, settings.ping_timeout)
        self._make_handler = make_handler
        self._sessions: dict[str, EngineIOSession] = {}
        # What each session's client sent when it opened: a session that moves to another process needs it there.
        self._credentials: dict[str, Mapping[str, str]] = {}
        # Websockets here of sessions elsewhere, and websockets elsewhere of sessions here.
        self._relayed: dict[str, Relayed] = {}
        self._remote_sockets: dict[str, RemoteSocket] = {}
        # The sids for which a GET waits here, wherever their sessions live.
        self._waiting_polls: set[str] = set()
        self._deduplicator = RequestDeduplicator()
        self._tasks: set[asyncio.Task[None]] = set()
        self.cluster = Cluster(
            redis_url, namespace, on_call=self._on_call, on_message=self._on_message, on_lost=self._on_lost
        )

    # --- sessions that live here -------------------------------------------------------------------------------------
    def open_session(self, credentials: Mapping[str, str], *, transport: str, base64: bool = False) -> EngineIOSession:
        """Make a session that lives here; its OPEN packet is queued."""
        handler = self._make_handler(credentials)
        session = EngineIOSession(self.cluster.new_sid(), self, handler, transport=transport, base64=base64)
        self._add(session, credentials)
        settings = self.settings
        packet = packets.handshake(
            sid=session.sid,
            upgrades=["websocket"] if transport == "polling" else [],
            ping_interval=settings.ping_interval,
            ping_timeout=settings.ping_timeout,
            max_payload=settings.max_payload,
        )
        session.send(Encoded([packet]))
        return session

    def local_session(self, sid: str) -> EngineIOSession | None:
        return self._sessions.get(sid)

    def _add(self, session: EngineIOSession, credentials: Mapping[str, str]) -> None:
        self._sessions[session.sid] = session
        if credentials:
            self._credentials[session.sid] = credentials
        session.open()

    def on_closed(self, sid: str) -> None:
        """Close the session's handler, and remove the session a little later."""
        session = self._sessions[sid]
        self._run(session.close_handler())
        loop = asyncio.get_running_loop()
        loop.call_later(_CLOSED_SECONDS, self._remove, session, loop.time() + self.settings.ping_timeout)

    def _remove(self, session: EngineIOSession, deadline: float) -> None:
        """Remove a closed session: by the deadline at the latest, before that once its last packets were polled."""
        loop = asyncio.get_running_loop()
        is_unread = session.backlog and session.transport == "polling" and session.close_reason != CLIENT_CLOSED
        if is_unread and loop.time() < deadline:
            loop.call_later(_CLOSED_SECONDS, self._remove, session, deadline)
        elif self._sessions.get(session.sid) is session:
            del self._sessions[session.sid]
            self._credentials.pop(session.sid, None)
            self._remote_sockets.pop(session.sid, None)
            self._deduplicator.forget(session.sid)

    # --- operations on any session -----------------------------------------------------------------------------------
    async def transport_of(self, sid: str) -> str:
        """Return "polling" or "websocket"; raises `SessionError` for an unknown session, as all of these do."""
        result: str = await self._call(sid, Operation.TRANSPORT)
        return result

    async def poll(self, sid: str, *, stamp: str = "") -> str:
        """Return the payload of a GET; a repeated one, with the stamp of the last, gets the same payload again."""
        self._waiting_polls.add(sid)
        try:
            result: str = await self._call(sid, Operation.POLL, stamp=stamp)
        finally:
            self._waiting_polls.discard(sid)
        return result

    async def post(self, sid: str, body: bytes, *, stamp: str = "") -> None:
        """Handle the packets of a POST, once however often it is repeated with the same stamp."""
        await self._call(sid, Operation.POST, body=body, stamp=stamp)

    async def abort_poll(self, sid: str) -> None:
        await self._call(sid, Operation.ABORT)

    async def begin_upgrade(self, sid: str) -> bool:
        result: bool = await self._call(sid, Operation.BEGIN_UPGRADE)
        return result

    async def note_poll(self, sid: str) -> None:
        await self._call(sid, Operation.NOTE_POLL)

    async def release_poll(self, sid: str) -> None:
        await self._call(sid, Operation.RELEASE_POLL)

    async def end_upgrade(self, sid: str) -> None:
        await self._call(sid, Operation.END_UPGRADE)

    async def _call(self, sid: str, operation: Operation, **data: Any) -> Any:
        """Run the operation in the process that owns the session; with that process, its sessions are gone."""
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
        try:
            return await self._run_operation(session, operation, data)
        except SessionError:
            raise
        except Exception:
            # Packets may be lost with it, and none may follow them.
            session.close(INTERNAL_ERROR, code=FAILED, graceful=False)
            raise

    async def _run_operation(self, session: EngineIOSession, operation: str, data: dict[str, Any]) -> Any:
        result: Any = None
        match operation:
            case Operation.TRANSPORT:
                result = session.transport
            case Operation.POLL:
                result = await self._deduplicator.run_once(session.sid, operation, data["stamp"], session.poll)
            case Operation.POST:
                post = partial(session.post, data["body"])
                await self._deduplicator.run_once(session.sid, operation, data["stamp"], post)
            case Operation.ABORT:
                session.abort_poll()
            case Operation.BEGIN_UPGRADE:
                result = session.begin_upgrade()
            case Operation.END_UPGRADE:
                session.end_upgrade()
            case Operation.NOTE_POLL:
                session.note_poll()
            case Operation.RELEASE_POLL:
                session.release_poll()
            case Operation.ATTACH_WEBSOCKET:
                result = self._on_attach(session, data["node"])
        return result

    # --- a websocket and its session in two processes ----------------------------------------------------------------
    async def attach_websocket(self, sid: str, relayed: Relayed) -> EngineIOSession | None:
        """Move the session of a websocket here, or return None: it stays, and the websocket is relayed.

        Raises `SessionError`.
        """
        self._relayed[sid] = relayed
        try:
            moved: dict[str, Any] | None = await self._call(sid, Operation.ATTACH_WEBSOCKET, node=self.cluster.node)
        except BaseException:
            self._relayed.pop(sid, None)
            raise
        if moved is None:
            return None
        self._relayed.pop(sid, None)
        handler = self._make_handler(moved["credentials"])
        session = EngineIOSession(sid, self, handler, transport="websocket", base64=moved["base64"])
        session.restore(moved["received"], moved["waiting"])
        self._add(session, moved["credentials"])
        return session

    def _on_attach(self, session: EngineIOSession, node: str) -> dict[str, Any] | None:
        """Return what the process `node` needs to go on with the session, or None and let it relay the websocket."""
        session.require("polling")
        credentials = self._credentials.get(session.sid, {})
        if moved := session.migrate():
            received, queued = moved
            return {"credentials": credentials, "base64": session.base64, "received": received, "waiting": queued}
        socket = RemoteSocket(session, self.cluster, node, session.sid)
        self._remote_sockets[session.sid] = socket
        session.opened(socket)
        return None

    async def forward(self, sid: str, frame: RawPacket | None) -> None:
        """Send the owner a frame of a relayed websocket, or None when that is closed; raises `OwnerGone`."""
        if frame is None:
            self._relayed.pop(sid, None)
        await self.cluster.send(self.cluster.owner_of(sid), Operation.FRAME, {"sid": sid, "packet": frame})

    def _on_message(self, operation: str, data: dict[str, Any]) -> None:
        relayed, session = self._relayed.get(data["sid"]), self._sessions.get(data["sid"])
        if operation == Operation.FRAME and session and session.transport == "websocket":
            self._on_frame(session, data["packet"])
        elif operation == Operation.WRITE and relayed:
            relayed.deliver(data["packets"])
        elif operation == Operation.CLOSE and relayed:
            relayed.close(data["code"])

    def _on_frame(self, session: EngineIOSession, frame: RawPacket | None) -> None:
        if frame is None:
            session.lost(1006)
        elif session.is_flooded():
            session.close("too fast", graceful=False)
        else:
            try:
                session.frame_received(frame)
            except Exception:
                session.fail("a relayed frame could not be handled")

    def _on_lost(self) -> None:
        """Close every relayed websocket: a packet between the two processes may be lost, and none may follow it."""
        relayed, self._relayed = self._relayed, {}
        for each in relayed.values():
            each.close(LOST)
        sockets, self._remote_sockets = self._remote_sockets, {}
        for socket in sockets.values():
            socket.stop()
            socket.handler.lost(BROKE_OFF)

    # --- the end -----------------------------------------------------------------------------------------------------
    def end_polls(self) -> None:
        """End GETs that wait, from now on: the process shuts down, and they would delay that."""
        self._run(self._keep_ending_polls())

    async def _keep_ending_polls(self) -> None:
        # Repeated, for clients send more until the process accepts no more requests.
        while True:
            for session in list(self._sessions.values()):
                if session.transport == "polling":
                    session.close(SHUTTING_DOWN)
            releases = (self._release_remote_poll(sid) for sid in self._waiting_polls)
            await asyncio.gather(*releases, return_exceptions=True)
            await asyncio.sleep(_RELEASE_INTERVAL)

    async def _release_remote_poll(self, sid: str) -> None:
        """End a GET of a session elsewhere with a NOOP: the client sends its next GET to another process."""
        with contextlib.suppress(SessionError, TimeoutError):
            async with asyncio.timeout(_RELEASE_TIMEOUT):
                await self.note_poll(sid)
                await self.release_poll(sid)

    async def close(self) -> None:
        """Close every session that lives here; its client comes back elsewhere."""
        for session in list(self._sessions.values()):
            session.close(SHUTTING_DOWN)
        self.heartbeat.close()
        for task in self._tasks:
            task.cancel()
        await self.cluster.close()

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
