"""The client's end of a connection that counts what it is given, and keeps nothing."""

from collections import Counter

from realtime.socketio.connection import SocketIOEncoder
from realtime.transport.encoded import Encoded


class CountingEncoder(SocketIOEncoder):
    """Counts how often each event is encoded."""

    def __init__(self) -> None:
        super().__init__("/")
        self.encoded: Counter[str] = Counter()

    def event(self, name: str, data: bytes) -> str:
        self.encoded[name] += 1
        return super().event(name, data)


class DiscardingChannel:
    """A client channel that discards everything and counts its packets."""

    transport = "json"
    backlog = 0

    def __init__(self) -> None:
        self.packets = self.largest = 0
        self.closed = ""

    def send(self, encoded: Encoded) -> None:
        self.packets += len(encoded.packets)
        # The first is `ready`, the largest.
        self.largest = self.largest or len(str(encoded.packets[0]).encode())

    def close(self, reason: str, *, code: int = 1000) -> None:
        self.closed = f"closed with {code}: {reason}"
