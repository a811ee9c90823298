"""A channel (`realtime.hub.client_channel.ClientChannel`) that keeps what is written to it."""

import asyncio

from realtime.transport.encoded import Encoded, RawPacket


class RecordingChannel:
    """`closed` is the code that it was closed with."""

    backlog = 0

    def __init__(self) -> None:
        self.packets: list[RawPacket] = []
        self.closed: int | None = None
        self.written = asyncio.Event()

    def send(self, encoded: Encoded) -> None:
        self.packets += encoded.packets
        self.written.set()

    def close(self, reason: str, *, code: int = 1000) -> None:
        self.closed = code
