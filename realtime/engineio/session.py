"""An Engine.IO session: one long-lived line to a client, whatever transport carries it just now.

The session lives in the process that opened it. Transports in other processes reach it by its sid (`cluster`).
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from realtime.errors import ProtocolError
from realtime.outbox import Outbox

from . import packets
from .packets import CLOSE, MESSAGE, NOOP, PING, PONG, Packet

logger = logging.getLogger(__name__)

# Python's clients refuse a payload of more packets.
MAX_PACKETS_A_POLL = 16
# While a websocket is being tried, the client waits for its pending poll to end; but a poll that was sent after the
# client had moved must not be answered before the word of the move has come from another process. As in the reference.
_POLL_WHILE_PROBING = 0.1
_MAX_INBOX = 256
# The websocket close code of a client that breaks the protocol.
BROKEN = 1002
CLIENT_CLOSED = "closed by the client"
ABORTED = "a GET was given up"


@dataclass(frozen=True, slots=True)
class Settings:
    """Intervals in seconds, sizes in bytes."""

    ping_interval: float
    ping_timeout: float
    connect_timeout: float
    upgrade_timeout: float
    max_payload: int
    # How long a polling session waits for its websocket before it reads: if that is opened in another process, the
    # session moves there with all it has, instead of being relayed for life. 0 where there is one process only.
    takeover_wait: float = 0.0


class Inner(Protocol):
    """What speaks over a session: Socket.IO, or a bare echo."""

    async def on_open(self, session: "Session") -> None: ...

    async def on_message(self, session: "Session", data: str | bytes) -> None: ...

    async def on_close(self, session: "Session", reason: str) -> None: ...


class SessionError(Exception):
    """A request that does not fit the session; `code` as in Engine.IO's error bodies."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Session:
    """One client's session; its operations are called by transports, here or relayed from another process."""

    def __init__(self, sid: str, settings: Settings, inner: Inner, *, transport: str, base64: bool = False) -> None:
        self.sid, self.settings, self.inner = sid, settings, inner
        self.transport, self.base64 = transport, base64
        self.closed: str | None = None
        self.upgrading = False
        self.outbox = Outbox(on_overflow=self._overflow)
        self._inbox: asyncio.Queue[str | bytes] = asyncio.Queue(_MAX_INBOX)
        self._poll: asyncio.Task[str] | None = None
        self._noted: asyncio.Task[str] | None = None
        self._ended = asyncio.Event()
        self._heard, self._released = asyncio.Event(), asyncio.Event()
        self._posting = self._settled = False
        self._carried = asyncio.Event()
        self._close_transport: Callable[[int], Awaitable[None]] | None = None
        self._close_code = 1000
        self._tasks = [asyncio.create_task(work()) for work in (self._heartbeat, self._read)]

    # --- out ---------------------------------------------------------------------------------------------------------
    def send(self, *written: Packet) -> None:
        """Queue packets, together: nothing comes between a header and its attachments."""
        if self.closed is None:
            self.outbox.put(*written)

    @property
    def backlog(self) -> int:
        return len(self.outbox)

    def close(self, reason: str, *, code: int = 1000, tell: bool = True) -> None:
        """End the session; with `tell` what is queued is still delivered, else only a GET that waits is told."""
        if self.closed is not None:
            return
        self.closed, self._close_code = reason, code
        if not tell and reason != CLIENT_CLOSED:
            self.outbox.clear()
        if self.transport == "polling" and (tell or self._poll is not None) and reason not in (CLIENT_CLOSED, ABORTED):
            self.outbox.force(CLOSE)
        self._ended.set()
        self._finishing = asyncio.create_task(self._finish())

    async def _finish(self) -> None:
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()
        with contextlib.suppress(Exception):  # what speaks here must not keep the transport from closing
            await self.inner.on_close(self, self.closed or "")
        if self._close_transport:
            with contextlib.suppress(Exception):
                await self.outbox.drained(1.0)
                await self._close_transport(self._close_code)
        self.outbox.detach()

    async def wait_closed(self) -> None:
        await self._ended.wait()

    def _overflow(self) -> None:
        self.outbox.clear()
        self.close("too slow")

    # --- polling -----------------------------------------------------------------------------------------------------
    async def poll(self) -> str:
        """Return the payload of one GET; raises `SessionError`."""
        self._require("polling")
        if self._poll is not None:
            # Two at once: the client is broken. The first is told to close, the second is refused.
            self.close("overlapping polls")
            raise SessionError(3)
        self._released.clear()
        self._poll = asyncio.create_task(self._next_payload())
        try:
            return await asyncio.shield(self._poll)
        finally:
            self._poll = None

    async def _next_payload(self) -> str:
        waits = [asyncio.create_task(wait()) for wait in (self._ended.wait, self.outbox.wait, self._released.wait)]
        try:
            patience = _POLL_WHILE_PROBING if self.upgrading else None
            await asyncio.wait(waits, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
        if self.transport != "polling":
            # The client moved meanwhile; this GET was late.
            raise SessionError(3)
        taken = self.outbox.take(MAX_PACKETS_A_POLL, self.settings.max_payload)
        if not taken and self.closed is not None:
            raise SessionError(1)
        if len(taken) > 1 and taken[-1] == CLOSE:
            # Alone in the next payload: clients hand their application an event only when the payload is read.
            self.outbox.force(taken.pop())
        return packets.encode_payload(taken) if taken else NOOP

    def abort_poll(self) -> None:
        """The client went away in the middle of a GET, which may not even have got here yet, or after the next one."""
        if self.transport == "polling":
            self.close(ABORTED, tell=False)

    async def post(self, body: bytes) -> None:
        """Take the packets of one POST, in order; raises `SessionError`."""
        self._require("polling")
        if self._posting:
            self.close("overlapping posts")
            raise SessionError(3)
        self._posting = True
        try:
            for kind, data in packets.decode_payload(body):
                await self.take(kind, data)
        except ProtocolError as error:
            self.close("parse error", code=BROKEN, tell=False)
            raise SessionError(3) from error
        finally:
            self._posting = False

    def _require(self, transport: str) -> None:
        if self.closed is not None and not (self.outbox and transport == "polling"):
            raise SessionError(1)
        if self.transport != transport:
            raise SessionError(3)

    # --- in ----------------------------------------------------------------------------------------------------------
    async def take(self, kind: str, data: str | bytes) -> None:
        """Take one packet of the client, from whatever transport; raises `ProtocolError`."""
        if self.closed is not None:
            return
        if kind == MESSAGE:
            await self._inbox.put(data)
        elif kind == PONG:
            self._heard.set()
        elif kind == CLOSE:
            if self.transport == "polling":
                self.outbox.force(NOOP)
            self.close(CLIENT_CLOSED, tell=False)
        elif kind == PING:
            raise ProtocolError("in this version the server pings")

    async def _read(self) -> None:
        """Hand messages on one by one, in the order in which they came."""
        if self.transport == "polling" and self.settings.takeover_wait:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.settings.takeover_wait):
                    await self._carried.wait()
        self._settled = True
        await self.inner.on_open(self)
        while True:
            data = await self._inbox.get()
            try:
                await self.inner.on_message(self, data)
            except ProtocolError as error:
                logger.info("session closed: %s", error)
                self.close("parse error", code=BROKEN, tell=False)
                return
            except Exception:  # a bug must not leave the session deaf
                logger.exception("a message could not be handled")

    # --- websocket ---------------------------------------------------------------------------------------------------
    def attach(self, send: Callable[[Packet], Awaitable[None]], close: Callable[[int], Awaitable[None]]) -> None:
        """Let a websocket carry the session from now on; what is queued leaves in order. Raises `SessionError`."""
        if self.closed is not None:
            # Its end is over: nothing would ever close this websocket.
            raise SessionError(1)
        self.transport, self.upgrading = "websocket", False
        self._carried.set()
        # A GET that came after the move is refused at once.
        self._released.set()
        self._close_transport = close
        self.outbox.attach(send)

    def hand_over(self) -> "tuple[list[Packet], list[Packet]] | None":
        """Give up the session to the process that holds its websocket: what came in and what waits to go out.

        None when it has begun to read: then it stays, and is relayed.
        """
        if self._settled or self.closed is not None:
            return None
        received: list[Packet] = []
        while not self._inbox.empty():
            received.append(self._inbox.get_nowait())
        self.transport, self.closed = "websocket", "moved"
        for task in self._tasks:
            task.cancel()
        self._ended.set()
        return received, self.outbox.take(len(self.outbox), sys.maxsize)

    def take_over(self, received: list[Packet], waiting: list[Packet]) -> None:
        """Go on where another process stopped."""
        for data in received:
            self._inbox.put_nowait(data)
        self.outbox.force(*waiting)

    def begin_upgrade(self) -> bool:
        """Take the lock for one websocket's attempt; False when there is one already, or nothing to upgrade."""
        if self.upgrading or self.transport != "polling" or self.closed is not None:
            return False
        self.upgrading = True
        return True

    def end_upgrade(self) -> None:
        """Give the lock back: the attempt came to nothing."""
        self.upgrading = False

    def note_poll(self) -> None:
        """Remember the GET that waits just before the probe is answered: it is the one that `release_poll` is about."""
        self._noted = self._poll

    def release_poll(self) -> None:
        """Let the noted GET end, so that the client can move. A later one may come after the move: it must wait."""
        if self._poll is self._noted:
            self._released.set()

    # --- life --------------------------------------------------------------------------------------------------------
    async def _heartbeat(self) -> None:
        """Ping; whoever does not answer in time is gone.

        Time counts from when the ping was due, but if the client was there to take it, from when it was sent: a busy
        process must not cost the client the time that it was told it has.
        """
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self.settings.ping_interval
            await asyncio.sleep(self.settings.ping_interval)
            self._heard.clear()
            sent = loop.time() if self.transport == "websocket" or self._poll else due
            self.send(PING)
            try:
                async with asyncio.timeout_at(sent + self.settings.ping_timeout):
                    await self._heard.wait()
            except TimeoutError:
                self.close("ping timeout", tell=False)
                return
