"""An upgrade: a websocket that is probed, and then replaces the polling of a session."""

import asyncio
import contextlib
import logging

from redis.exceptions import RedisError

from realtime.transport.buffered_handler import BufferedHandler
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.errors import ProtocolError
from realtime.transport.websocket import Socket

from . import packets
from .cluster import OwnerGone
from .contract import SessionError
from .packets import MESSAGE, PING, PONG, UPGRADE
from .relayed_websocket import RelayedWebSocket
from .server import Server
from .session import BROKEN, FAILED, TOO_BIG, EngineIOSession

logger = logging.getLogger(__name__)

_PROBE = "probe"


class Upgrade(BufferedHandler[RawPacket]):
    """Handles the websocket until the session does, or a `RelayedWebSocket` where the session lives elsewhere.

    The session is locked meanwhile, so that only one websocket tries at a time.
    """

    def __init__(self, server: Server, sid: str, *, base64: bool, caller: str = "") -> None:
        super().__init__(server.settings.max_payload)
        self.charge_to(caller)
        # The session checks again; whether its client has signed in, it alone knows.
        self.lift_limits()
        self._server, self._sid, self._base64 = server, sid, base64
        self._locked = self._done = False

    # --- the websocket -----------------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        super().opened(socket)
        self._inbox.hold()
        self._locking = asyncio.create_task(self._lock())
        self._timeout = asyncio.get_running_loop().call_later(self._server.settings.upgrade_timeout, self._abort)

    def _receive(self, frame: RawPacket) -> None:
        self._inbox.put(frame)

    def lost(self, code: int) -> None:
        super().lost(code)
        self._finish()

    # --- the lock ----------------------------------------------------------------------------------------------------
    async def _lock(self) -> None:
        try:
            self._locked = await self._server.begin_upgrade(self._sid)
        except SessionError as error:
            logger.info("websocket closed: %s", error)
        except Exception:
            logger.exception("an upgrade could not begin")
        if self._done:
            # The websocket was gone before the lock was here.
            self._release_lock()
        elif self._locked:
            self._inbox.release()
        else:
            self._abort()

    def _release_lock(self) -> None:
        """Let polls wait again, and another websocket try. Should this get lost, the lock expires a little later."""
        if self._locked:
            self._locked = False
            self._unlocking = asyncio.create_task(self._unlock())

    async def _unlock(self) -> None:
        with contextlib.suppress(SessionError):
            await self._server.end_upgrade(self._sid)

    # --- the attempt -------------------------------------------------------------------------------------------------
    async def _handle(self, item: RawPacket) -> None:
        """Answer the probe, and upgrade when the client says that it has moved."""
        try:
            kind, data = packets.decode(item) if isinstance(item, str) else (MESSAGE, item)
            if kind == PING and data == _PROBE:
                await self._answer_probe()
            elif kind == UPGRADE:
                await self._upgrade()
            else:
                raise ProtocolError("a probe was expected")
        except (ProtocolError, SessionError, OwnerGone, RedisError) as error:
            logger.info("websocket closed: %s", error)
            self._abort(BROKEN)
        except Exception:
            logger.exception("an upgrade failed")
            self._abort(FAILED)

    async def _answer_probe(self) -> None:
        if self._inbox.pending > 1:
            # The client has moved without waiting for the pong: a GET that waits now may have been sent after the move.
            self._write_pong()
            return
        # Noted first: the pong may reach the client, and its next GET the owner, before the release does.
        await self._server.note_poll(self._sid)
        self._write_pong()
        await self._server.release_poll(self._sid)

    def _write_pong(self) -> None:
        # Past the outbox, which does not outlive the upgrade.
        if self._socket:
            self._socket.write(Encoded([PONG + _PROBE]))

    async def _upgrade(self) -> None:
        handler = await self._next_handler()
        self._locked = False
        if self._done or self._socket is None:
            handler.lost(1006)
            return
        unhandled = self._inbox.pop_all()
        self._finish()
        try:
            handler.opened(self._socket)
            for frame in unhandled:
                handler.frame_received(frame)
        except Exception:
            self._socket.close(FAILED)
            raise

    async def _next_handler(self) -> EngineIOSession | RelayedWebSocket:
        """Return the session if it lives here or can move here, else what relays its websocket."""
        if session := self._server.local_session(self._sid):
            session.require("polling")
        else:
            relayed = RelayedWebSocket(self._server, self._sid, caller=self.caller)
            session = await self._server.attach_websocket(self._sid, relayed)
            if session is None:
                return relayed
        session.base64 = session.base64 or self._base64
        return session

    # --- the end -----------------------------------------------------------------------------------------------------
    def _finish(self) -> None:
        self._done = True
        self._timeout.cancel()
        self._close_buffers()
        self._release_lock()

    def _abort(self, code: int = 1000) -> None:
        if not self._done:
            self._finish()
            if self._socket:
                self._socket.close(code)

    def _on_too_large(self) -> None:
        self._abort(TOO_BIG)

    def _on_too_slow(self) -> None:
        self._abort()
