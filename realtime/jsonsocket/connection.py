"""One client of the JSON protocol, from its `connect` event to the end of its websocket."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from foundation.counters import INTERNAL, errors, sockets
from foundation.errors import AppError, Invalid, RateLimited, TooLarge, Unavailable
from foundation.limits.connections import RETRY_AFTER, anonymous_connections
from foundation.validation import echoed
from realtime.application import Acknowledge, Consumer, Handshake
from realtime.connecting import connect_with_retries
from realtime.dispatcher import count_invalid
from realtime.hub.connection import TRY_AGAIN_LATER, Connection
from realtime.transport.buffered_handler import BufferedHandler
from realtime.transport.close_reasons import counted_reason, lost_reason
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.request import ADDRESS
from realtime.transport.websocket import Socket

from . import packets

logger = logging.getLogger(__name__)

REFUSED, TOO_SLOW, TOO_BIG = 4001, 4008, 1009
# One for all connections: a batch of events is encoded once for each encoder.
ENCODER = packets.JsonEncoder()


class _Nobody:
    """Serves a connection that is gone."""

    accepted = False

    def open(self, connection: Connection, on_accept: Callable[[], None]) -> None:
        pass

    async def connect(self, handshake: Handshake) -> None:
        pass

    async def receive_event(self, event: Any, arguments: list[Any], acknowledge: Acknowledge | None) -> None:
        pass

    async def disconnect(self) -> None:
        pass


_NOBODY = _Nobody()


class JsonConnection(BufferedHandler[RawPacket]):
    """Handles the websocket, and is what its connection writes to (`realtime.hub.client_channel.ClientChannel`)."""

    __slots__ = (
        *("_closing", "_connect_timeout", "_consumer", "_credentials", "_deadline", "_disconnecting"),
        "connection",
    )

    transport = "json"

    def __init__(
        self, consumer: Consumer, credentials: Mapping[str, str], connect_timeout: float, max_payload: int
    ) -> None:
        super().__init__(max_payload)
        self._consumer, self._credentials = consumer, credentials
        self._connect_timeout = connect_timeout
        self.connection = Connection(encoder=ENCODER, channel=self)
        consumer.open(self.connection, self._on_accept)
        self._deadline: asyncio.TimerHandle | None = None
        self._closing = False

    # --- what the connection writes to -------------------------------------------------------------------------------
    @property
    def backlog(self) -> int:
        return len(self._outbox)

    def send(self, encoded: Encoded) -> None:
        if not self._closing:
            self._outbox.put(encoded)

    def close(self, reason: str, *, code: int = 1000) -> None:
        if not self._closing:
            self._count_closed(reason)
            self._outbox.finish(code, reason)

    # --- the websocket -----------------------------------------------------------------------------------------------
    def opened(self, socket: Socket) -> None:
        super().opened(socket)
        self.charge_to(f"address:{self._address}")
        if not anonymous_connections.add(self._address):
            self._refuse(RateLimited(retry_after=RETRY_AFTER))
            return
        self._start_deadline()

    def _start_deadline(self) -> None:
        self._deadline = asyncio.get_running_loop().call_later(self._connect_timeout, self._on_connect_timeout)

    def _receive(self, frame: RawPacket) -> None:
        if not self._closing:
            self._inbox.put(frame)

    def lost(self, code: int) -> None:
        super().lost(code)
        if not self._closing:
            self._count_closed(lost_reason(code))
        self._close_buffers()
        self._cancel_deadline()
        if self._consumer.accepted:
            self._disconnecting = asyncio.create_task(self._consumer.disconnect())
        self.connection.detach()
        # One that was not accepted refers back to this.
        self._consumer = _NOBODY

    def _count_closed(self, reason: str) -> None:
        self._closing = True
        if self._consumer.accepted:
            sockets.closed[counted_reason(reason)] += 1

    def _on_too_large(self) -> None:
        if not self._closing:
            self._emit_error(TooLarge(f"A frame takes {self._max_payload} bytes at most."), None)
            self.close("frame too large", code=TOO_BIG)

    def _on_too_slow(self) -> None:
        self.close("too slow: reconnect and resume", code=TOO_SLOW)

    def _on_connect_timeout(self) -> None:
        if self.is_behind:
            self._start_deadline()
        else:
            self.close("no connect event came", code=REFUSED)

    def _cancel_deadline(self) -> None:
        """Undo `opened`: the client has signed in, or is gone."""
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
            anonymous_connections.remove(self._address)

    @property
    def _address(self) -> str:
        return self._credentials.get(ADDRESS, "")

    # --- events ------------------------------------------------------------------------------------------------------
    async def _handle(self, item: RawPacket) -> None:
        try:
            packet = packets.decode(item)
        except Invalid as error:
            self._emit_error(error, None)
            await count_invalid(self.connection)
            return
        try:
            await self._route(packet)
        except Exception:  # a bug must cost this event, not the connection's later ones
            errors.count(INTERNAL)
            logger.exception("an event could not be handled")
            self._acknowledge(packet, [{"ok": False, "error": Unavailable("Internal error.").as_wire()}])

    async def _route(self, packet: dict[str, Any]) -> None:
        event, data = packet["event"], packet.get("data")
        if self._closing:
            return
        if event == "ping":
            self.connection.write('{"event":"pong"}')
        elif not self._consumer.accepted:
            await self._connect(event, data or {})
        elif event == "connect":
            self._emit_error(Invalid("This connection is connected already."), event)
        else:
            acknowledge = partial(self._acknowledge, packet) if "ack" in packet else None
            await self._consumer.receive_event(event, [data], acknowledge)

    async def _connect(self, event: str, data: Any) -> None:
        if event != "connect" or not isinstance(data, dict):
            self._emit_error(Invalid('Send {"event": "connect", "data": {"token": ...}} first.'), event)
            await count_invalid(self.connection)
            return
        try:
            await connect_with_retries(self._consumer, self.connection, Handshake(data, self._credentials))
        except AppError as error:
            self._refuse(error)

    def _on_accept(self) -> None:
        sockets.opened += 1
        self._cancel_deadline()
        self.charge_to(self.connection.user_id)
        self.lift_limits()
        # They are not needed again: an idle connection would keep its cookies.
        self._credentials = {}

    def _refuse(self, error: AppError) -> None:
        self._emit_error(error, "connect")
        self.close(error.code, code=TRY_AGAIN_LATER if error.retryable else REFUSED)

    def _acknowledge(self, packet: dict[str, Any], arguments: list[Any]) -> None:
        if "ack" in packet:
            self.connection.write(packets.acknowledgement(packet["ack"], arguments[0]))

    def _emit_error(self, error: AppError, event: str | None) -> None:
        errors.count(error.code)
        name = {"event": echoed(event)} if event else {}
        self.connection.emit("error", {**name, **error.as_wire()})
