"""One client's live connection: its own bounded outbox, so that a slow one costs the others nothing."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from chatproject.ids import new_id

from .frame import Frame, Wire

# A connection this far behind is closed; it comes back and resumes.
MAX_OUTBOX_FRAMES = 2000
MAX_OUTBOX_CHARACTERS = 8_000_000
_SHED_ABOVE_FRAMES = 100
# The close code of a connection that could not keep up; it may come back at once.
TOO_SLOW = 4008


class Connection:
    """Takes frames without ever blocking its caller, and writes them in order from a task of its own.

    `send` writes one text to the client and returns when the transport has room again; `close` ends the transport
    with a websocket close code and a reason.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        send: Callable[[str], Awaitable[None]],
        close: Callable[[int, str], Awaitable[None]],
    ) -> None:
        self.id = new_id("c")
        self.wire = wire
        # The application keeps who this is, and what else it knows, here.
        self.user_id = ""
        self.session: Any = None
        self.rooms: set[str] = set()
        # Ends the session when its token runs out.
        self.expiry: asyncio.TimerHandle | None = None
        self.closed = False
        self._send, self._close = send, close
        self._outbox: deque[str] = deque()
        self._characters = 0
        self._waiting: asyncio.Future[None] | None = None
        self._held: list[tuple[str, int, Frame]] = []
        self._holds = 0
        self._writer = asyncio.create_task(self._write())

    # --- frames ------------------------------------------------------------------------------------------------------
    def deliver(self, room: str, frame: Frame, seq: int = 0) -> None:
        """Take a room's frame; while the connection is held it waits until `release`."""
        if not self._holds:
            self.write(frame.text_for(self.wire))
            return
        self._held.append((room, seq, frame))
        if len(self._held) > MAX_OUTBOX_FRAMES:
            self.end(TOO_SLOW, "too slow: reconnect and resume")

    def deliver_if_idle(self, room: str, frame: Frame) -> None:
        """Take a frame that may be lost: it is shed first when the client is slow."""
        if not self._holds and len(self._outbox) <= _SHED_ABOVE_FRAMES:
            self.write(frame.text_for(self.wire))

    def emit(self, event: str, data: Any) -> None:
        """Send this client alone an event, held or not."""
        self.write(self.wire.event(event, orjson.dumps(data)))

    def write(self, text: str) -> None:
        """Queue a text that is already in the wire's form."""
        if self.closed:
            return
        self._outbox.append(text)
        self._characters += len(text)
        if len(self._outbox) > MAX_OUTBOX_FRAMES or self._characters > MAX_OUTBOX_CHARACTERS:
            self.end(TOO_SLOW, "too slow: reconnect and resume")
        elif self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def hold(self) -> None:
        """Keep the rooms' frames back, so that a snapshot can be sent before what follows it; holds nest."""
        self._holds += 1

    def release(self) -> None:
        """Send what was held back, in order, once nobody holds the connection any more."""
        self._holds -= 1
        if self._holds:
            return
        held, self._held = self._held, []
        for _, _, frame in held:
            self.write(frame.text_for(self.wire))

    def drop_held(self, room: str, *, through: int | None = None) -> None:
        """Forget what was held back for a room, all of it or up to a seq that a snapshot already covers."""
        self._held = [
            (name, seq, frame)
            for name, seq, frame in self._held
            if name != room or (through is not None and seq > through)
        ]

    # --- the transport -----------------------------------------------------------------------------------------------
    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while self._outbox:
                text = self._outbox.popleft()
                self._characters -= len(text)
                await self._send(text)
            self._waiting = loop.create_future()
            await self._waiting

    def end(self, code: int, reason: str) -> None:
        """Close the transport from outside of a handler; nothing more is written."""
        if not self.closed:
            self.closed = True
            self._outbox.clear()
            self._ending = asyncio.create_task(self._end(code, reason))

    def end_after_writing(self, code: int, reason: str) -> None:
        """Close the transport once what is queued has been written, or after a moment without that."""
        if not self.closed:
            self._ending = asyncio.create_task(self._end_after_writing(code, reason))

    async def _end_after_writing(self, code: int, reason: str) -> None:
        for _ in range(100):
            if not self._outbox:
                break
            await asyncio.sleep(0.01)
        self.end(code, reason)

    async def _end(self, code: int, reason: str) -> None:
        await self.stop()
        with contextlib.suppress(Exception):  # the transport may be gone already
            await self._close(code, reason)

    async def stop(self) -> None:
        """Stop writing, once the transport is gone."""
        self.closed = True
        self._writer.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self._writer
