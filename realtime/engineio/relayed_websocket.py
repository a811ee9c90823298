"""The end of a relayed websocket where it is open: frames leave over Redis for the process that has the session."""

import asyncio
import logging

from redis.exceptions import RedisError

from realtime.transport.buffered_handler import BufferedHandler
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.websocket import Socket

from .cluster import OwnerGone
from .contract import SessionError
from .server import Server
from .session import BROKEN, FAILED, TOO_BIG

logger = logging.getLogger(__name__)

_OWNER_CHECK_INTERVAL = 1.0


class RelayedWebSocket(BufferedHandler[RawPacket | None]):
    """Handles the websocket. None in its inbox is the end of the websocket, which is forwarded like a frame."""

    def __init__(self, server: Server, sid: str, *, caller: str = "") -> None:
        """Charge what the frames cost here to `caller`, the client's address: who it is, its session alone knows."""
        super().__init__(server.settings.max_payload)
        self.charge_to(caller)
        # The session checks again; whether its client has signed in, it alone knows.
        self.lift_limits()
        self._server, self._sid = server, sid
        self._owner_check: asyncio.Task[None] | None = None
        self._closed = False

    # --- the websocket -----------------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        super().opened(socket)
        self._owner_check = asyncio.create_task(self._check_owner())

    def _receive(self, frame: RawPacket) -> None:
        if not self._closed:
            self._inbox.put(frame)

    def lost(self, code: int) -> None:
        super().lost(code)
        self._inbox.put(None)

    # --- the owner ---------------------------------------------------------------------------------------------------
    def deliver(self, delivered: list[RawPacket]) -> None:
        """Write packets of the session."""
        self._outbox.put(Encoded(delivered))

    def close(self, code: int) -> None:
        """Close the websocket, and drop the frames that were not forwarded: one before them may be lost."""
        self._closed = True
        if None in self._inbox.pop_all():
            self._inbox.put(None)
        self._stop_owner_check()
        self._outbox.finish(code)

    async def _handle(self, item: RawPacket | None) -> None:
        try:
            await self._server.forward(self._sid, item)
        except (OwnerGone, RedisError) as error:
            logger.info("websocket closed: %r", error)
            self.close(BROKEN)
        except Exception:  # no frame may follow one that was not forwarded
            logger.exception("a frame could not be forwarded")
            self.close(FAILED)
        if item is None:
            self._stop_owner_check()
            self._close_buffers()

    async def _check_owner(self) -> None:
        """Close the websocket soon after the process in which its session lives is gone."""
        while True:
            await asyncio.sleep(_OWNER_CHECK_INTERVAL)
            try:
                await self._server.transport_of(self._sid)
            except SessionError:
                self.close(1000)
                return
            except Exception:
                logger.exception("the session's owner could not be asked for it")
                self.close(FAILED)
                return

    def _stop_owner_check(self) -> None:
        if self._owner_check and self._owner_check is not asyncio.current_task():
            self._owner_check.cancel()

    def _on_too_large(self) -> None:
        if not self._closed:
            self.close(TOO_BIG)

    def _on_too_slow(self) -> None:
        self.close(1000)
