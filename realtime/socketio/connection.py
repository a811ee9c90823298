"""Socket.IO over one Engine.IO session: the namespaces that the client is in, each with a consumer of its own."""

import asyncio
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from foundation.counters import errors, sockets
from foundation.errors import AppError
from foundation.limits.connections import anonymous_connections
from realtime.application import Consumer, ConsumerFactory, Handshake
from realtime.connecting import connect_with_retries
from realtime.engineio.contract import SessionChannel
from realtime.hub.connection import Connection
from realtime.transport.close_reasons import counted_reason
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.errors import ProtocolError
from realtime.transport.request import ADDRESS

from . import packets
from .packets import ACK, BINARY_ACK, BINARY_EVENT, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, Packet

# How often a client may be refused a namespace before its session is closed.
MAX_REFUSED = 20


class SocketIOEncoder:
    """Implements `realtime.hub.event_batch.Encoder` for connections in one namespace."""

    def __init__(self, namespace: str) -> None:
        self._head = "42" if namespace == "/" else f"42{namespace},"

    def event(self, name: str, data: bytes) -> str:
        return f'{self._head}["{name}",{data.decode()}]'


@cache
def encoder_for(namespace: str) -> SocketIOEncoder:
    """Return the one encoder of a namespace: a batch of events is encoded once for each encoder."""
    return SocketIOEncoder(namespace)


class SocketIOConnection:
    """Handles an Engine.IO session (`realtime.engineio.contract.SessionHandler`)."""

    __slots__ = ("_credentials", "_deadline", "_factories", "_joined", "_joining", "_left", "_partial", "_refused")

    def __init__(self, consumers: Mapping[str, ConsumerFactory], credentials: Mapping[str, str]) -> None:
        self._factories, self._credentials = consumers, credentials
        # The namespaces that the client is in, each with its connection and its consumer.
        self._joined: dict[str, tuple[Connection, Consumer]] = {}
        # Those of the namespace that it connects just now.
        self._joining: tuple[Connection, Consumer] | None = None
        # The namespaces that were left, by the client or the server.
        self._left: list[str] = []
        # A binary packet and those of its attachments that have arrived.
        self._partial: tuple[Packet, list[bytes]] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._refused = 0

    def on_open(self, session: SessionChannel) -> None:
        if not anonymous_connections.add(self._address):
            session.close("too many connections that have not signed in")
            return
        session.charge_to(f"address:{self._address}")
        self._start_deadline(session)

    def _start_deadline(self, session: SessionChannel) -> None:
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(session.settings.connect_timeout, self._on_connect_timeout, session)

    def _on_connect_timeout(self, session: SessionChannel) -> None:
        if self._joined:
            return
        if session.is_behind:
            self._start_deadline(session)
        else:
            session.close("no namespace was connected")

    def _cancel_deadline(self) -> None:
        """Undo `on_open`: the client has signed in, or is gone."""
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
            anonymous_connections.remove(self._address)

    @property
    def _address(self) -> str:
        return self._credentials.get(ADDRESS, "")

    async def on_close(self, session: SessionChannel, reason: str) -> None:
        self._cancel_deadline()
        for namespace in list(self._joined):
            await self._disconnect(namespace, reason)

    # --- in ----------------------------------------------------------------------------------------------------------
    async def on_message(self, session: SessionChannel, data: RawPacket) -> None:
        """Handle one message; raises `ProtocolError`."""
        if isinstance(data, bytes):
            await self._on_attachment(session, data)
            return
        if self._partial is not None:
            raise ProtocolError("an attachment was expected")
        packet = packets.decode(data)
        if packet.attachments:
            self._partial = (packet, [])
        else:
            await self._on_packet(session, packet)

    async def _on_attachment(self, session: SessionChannel, data: bytes) -> None:
        if self._partial is None:
            raise ProtocolError("no attachment was announced")
        packet, attachments = self._partial
        attachments.append(data)
        if len(attachments) == packet.attachments:
            self._partial = None
            await self._on_packet(session, packets.with_attachments(packet, attachments))

    async def _on_packet(self, session: SessionChannel, packet: Packet) -> None:
        if packet.type == CONNECT:
            await self._on_connect(session, packet)
            return
        joined = self._joined.get(packet.namespace)
        if joined is None:
            # The client may have sent it before it learnt that the server has left the namespace.
            if packet.namespace not in self._left:
                raise ProtocolError("a namespace must be connected first")
        elif packet.type in (EVENT, BINARY_EVENT):
            await _on_event(*joined, packet)
        elif packet.type == DISCONNECT:
            await self._disconnect(packet.namespace, "client namespace disconnect")
        elif packet.type not in (ACK, BINARY_ACK):
            raise ProtocolError("unexpected packet type")

    async def _on_connect(self, session: SessionChannel, packet: Packet) -> None:
        namespace = packet.namespace
        if namespace in self._joined:
            raise ProtocolError("already connected")
        make_consumer = self._factories.get(namespace)
        if make_consumer is None:
            self._refuse(session, namespace, {"message": "Invalid namespace"})
            return
        connection, consumer = Connection(encoder=encoder_for(namespace), channel=session), make_consumer()
        self._joining = connection, consumer
        consumer.open(connection, partial(self._on_accept, session, namespace))
        try:
            await connect_with_retries(consumer, connection, Handshake(packet.data or {}, self._credentials))
        except AppError as error:
            errors.count(error.code)
            self._refuse(session, namespace, {"message": error.message, "data": error.as_wire()})
        finally:
            self._joining = None

    def _on_accept(self, session: SessionChannel, namespace: str) -> None:
        assert self._joining
        connection, _ = self._joining
        sockets.opened += 1
        self._cancel_deadline()
        session.charge_to(connection.user_id)
        session.lift_limits()
        self._joined[namespace] = self._joining
        _write(connection, Packet(CONNECT, namespace, {"sid": connection.id}))

    def _refuse(self, session: SessionChannel, namespace: str, error: dict[str, Any]) -> None:
        session.send(Encoded(packets.encode(Packet(CONNECT_ERROR, namespace, error))))
        self._refused += 1
        if self._refused > MAX_REFUSED:
            raise ProtocolError("too many refused connects")

    async def _disconnect(self, namespace: str, reason: str) -> None:
        connection, consumer = self._joined.pop(namespace)
        sockets.closed[counted_reason(reason)] += 1
        if namespace not in self._left:
            self._left.append(namespace)
        connection.closed = True
        await consumer.disconnect()


async def _on_event(connection: Connection, consumer: Consumer, packet: Packet) -> None:
    event, *arguments = packet.data
    acknowledge = None if packet.id is None else partial(_acknowledge, connection, packet.namespace, packet.id)
    await consumer.receive_event(event, arguments, acknowledge)


def _acknowledge(connection: Connection, namespace: str, packet_id: int, arguments: list[Any]) -> None:
    _write(connection, Packet(ACK, namespace, arguments, packet_id))


def _write(connection: Connection, packet: Packet) -> None:
    connection.write(*packets.encode(packet))


def emit(connection: Connection, namespace: str, event: str, *arguments: Any) -> None:
    """Send a connection an event with any arguments, binary ones included."""
    _write(connection, Packet(EVENT, namespace, [event, *arguments]))
