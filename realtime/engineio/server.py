"""All sessions of one path: those that live here, and the way to those that live in other processes."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import redis.asyncio as redis

from realtime.errors import ProtocolError

from . import packets
from .cluster import Cluster, OwnerGone
from .packets import Packet
from .repeats import Repeats
from .session import BROKEN, CLIENT_CLOSED, Inner, Session, SessionError, Settings

logger = logging.getLogger(__name__)

UNKNOWN_SESSION = 1
# The websocket close code when the way to the session broke: "going away", so come back.
LOST = 1001
# A GET that was sent before the client's own close finds its answer this long.
_REMEMBERED_SECONDS = 0.1
_MAX_RELAYED = 1000


@dataclass(slots=True)
class Relay:
    """A websocket of a session that lives elsewhere: what comes in leaves for the owner, in order."""

    deliver: Callable[[list[Packet]], None]
    close: Callable[[int], None]


@dataclass(slots=True)
class Remote:
    """A session here whose websocket is in another process: its frames wait here to be taken in order."""

    frames: asyncio.Queue[Packet | None] = field(default_factory=lambda: asyncio.Queue(_MAX_RELAYED))
    reader: asyncio.Task[None] | None = None


class MakeInner(Protocol):
    def __call__(self, request: dict[str, Any]) -> Inner: ...


class Server:
    """Sessions by sid; every operation works on whichever process it lands."""

    def __init__(self, settings: Settings, make_inner: MakeInner, *, redis_url: str, namespace: str) -> None:
        self.settings = settings
        self._make_inner = make_inner
        self._sessions: dict[str, Session] = {}
        # What each session keeps of the request that opened it goes with it when it moves.
        self._requests: dict[str, dict[str, Any]] = {}
        self._relays: dict[str, Relay] = {}
        self._remotes: dict[str, Remote] = {}
        self._repeats = Repeats()
        self._tasks: set[asyncio.Task[None]] = set()
        # Without Redis, sessions are this process's alone.
        self.cluster = Cluster(
            redis_url, namespace, on_call=self._on_call, on_tell=self._on_tell, on_lost=self._on_lost
        )

    # --- sessions ----------------------------------------------------------------------------------------------------
    def open(self, request: dict[str, Any], *, transport: str, base64: bool = False) -> Session:
        """Make a session that lives here; its OPEN packet is queued."""
        session = Session(
            self.cluster.new_sid(), self.settings, self._make_inner(request), transport=transport, base64=base64
        )
        self._keep(session, request)
        settings = self.settings
        session.send(
            packets.handshake(
                sid=session.sid,
                upgrades=["websocket"] if transport == "polling" else [],
                ping_interval=settings.ping_interval,
                ping_timeout=settings.ping_timeout,
                max_payload=settings.max_payload,
            )
        )
        return session

    def _keep(self, session: Session, request: dict[str, Any]) -> None:
        self._sessions[session.sid] = session
        self._requests[session.sid] = request
        self._run(self._forget_when_closed(session))

    async def _forget_when_closed(self, session: Session) -> None:
        await session.wait_closed()
        await asyncio.sleep(_REMEMBERED_SECONDS)
        if session.transport == "polling" and session.closed != CLIENT_CLOSED:
            await session.outbox.drained(self.settings.ping_timeout)
        self._sessions.pop(session.sid, None)
        self._requests.pop(session.sid, None)
        self._repeats.forget(session.sid)
        if (remote := self._remotes.pop(session.sid, None)) and remote.reader:
            remote.reader.cancel()

    def local(self, sid: str) -> Session | None:
        return self._sessions.get(sid)

    async def transport_of(self, sid: str) -> str:
        """Return "polling" or "websocket"; raises `SessionError` for a session that nobody knows."""
        result: str = await self._call(sid, "transport")
        return result

    async def poll(self, sid: str, *, stamp: str = "") -> str:
        """Answer a GET; one with the stamp of the last one is that one again."""
        result: str = await self._call(sid, "poll", stamp=stamp)
        return result

    async def post(self, sid: str, body: bytes, *, stamp: str = "") -> None:
        await self._call(sid, "post", body=body, stamp=stamp)

    async def abort(self, sid: str) -> None:
        await self._call(sid, "abort")

    async def begin_upgrade(self, sid: str) -> bool:
        result: bool = await self._call(sid, "begin_upgrade")
        return result

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
            case "release_poll":
                session.release_poll()
            case "carry":
                result = self._hand_over(session)
                if result is None:
                    self._attach_remote(session, data["node"])
        return result

    # --- a websocket elsewhere ---------------------------------------------------------------------------------------
    async def carry(self, sid: str, relay: Relay) -> Session | None:
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
        session = Session(sid, self.settings, self._make_inner(moved["request"]), transport="websocket")
        session.take_over(moved["received"], moved["waiting"])
        self._keep(session, moved["request"])
        return session

    async def forward(self, sid: str, packet: Packet | None) -> None:
        """Hand the owner a frame of a relayed websocket, or None: it is closed. Raises `OwnerGone`."""
        if packet is None:
            self._relays.pop(sid, None)
        await self.cluster.tell(self.cluster.owner_of(sid), "frame", {"sid": sid, "packet": packet})

    def _hand_over(self, session: Session) -> dict[str, Any] | None:
        moved = session.hand_over()
        if moved is None:
            return None
        received, waiting = moved
        return {"request": self._requests[session.sid], "received": received, "waiting": waiting}

    def _attach_remote(self, session: Session, node: str) -> None:
        remote = Remote()

        async def send(packet: Packet) -> None:
            try:
                await self.cluster.tell(node, "out", {"sid": session.sid, "packets": [packet]})
            except (OwnerGone, redis.RedisError):
                # A packet is lost: the client must not take what follows for the whole.
                session.close("transport close", tell=False)

        async def close(code: int) -> None:
            await self.cluster.tell(node, "close", {"sid": session.sid, "code": code})

        session.attach(send, close)
        self._remotes[session.sid] = remote
        remote.reader = self._run(self._take_frames(session, remote))

    async def _take_frames(self, session: Session, remote: Remote) -> None:
        while session.closed is None:
            packet = await remote.frames.get()
            if packet is None:
                session.close("transport close", tell=False)
                return
            try:
                await take_frame(session, packet)
            except ProtocolError as error:
                logger.info("session closed: %s", error)
                session.close("parse error", code=BROKEN, tell=False)

    def _on_tell(self, operation: str, data: dict[str, Any]) -> None:
        relay, remote = self._relays.get(data["sid"]), self._remotes.get(data["sid"])
        if operation == "frame" and remote:
            try:
                remote.frames.put_nowait(data["packet"])
            except asyncio.QueueFull:
                self._sessions[data["sid"]].close("too fast", tell=False)
        elif operation == "out" and relay:
            relay.deliver(data["packets"])
        elif operation == "close" and relay:
            relay.close(data["code"])

    def _on_lost(self) -> None:
        """End what is relayed: something between here and there may be lost, and the client must not go on past it."""
        for relay in self._relays.values():
            relay.close(LOST)
        self._relays.clear()
        for sid in list(self._remotes):
            self._sessions[sid].close("transport close", tell=False)

    def _run(self, coroutine: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End every session that lives here; its client is told and comes back elsewhere."""
        for session in list(self._sessions.values()):
            session.close("server shutting down")
        for task in self._tasks:
            task.cancel()
        await self.cluster.close()


async def take_frame(session: Session, packet: Packet) -> None:
    """Take one websocket frame of the client; raises `ProtocolError`."""
    if isinstance(packet, bytes):
        await session.take(packets.MESSAGE, packet)
    else:
        await session.take(*packets.decode(packet))
