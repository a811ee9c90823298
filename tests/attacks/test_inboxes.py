"""What waits for one client is bounded in bytes, what waits for all is too, and nobody has the loop for long."""

import asyncio
import sys
from collections.abc import Iterator
from time import perf_counter

import pytest

from realtime.transport import inbox
from realtime.transport.buffered_handler import MAX_ANONYMOUS_PAYLOAD, BufferedHandler
from realtime.transport.encoded import RawPacket
from tests.realtime.sockets import NullSocket

pytestmark = pytest.mark.unit


class Socket(NullSocket):
    """A socket that says whether it is read, and what its messages may have."""

    def __init__(self, handler: BufferedHandler[RawPacket]) -> None:
        super().__init__(handler)
        self.paused, self.max_payload = False, 0

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def limit(self, max_payload: int) -> None:
        self.max_payload = max_payload


class Slow(BufferedHandler[RawPacket]):
    """Handles nothing until `go`; then each item, in `seconds` of computing."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(1_000_000)
        self.go = asyncio.Event()
        self.seconds, self.handled, self.too_large_frames = seconds, 0, 0

    def _receive(self, frame: RawPacket) -> None:
        self._inbox.put(frame)

    async def _handle(self, item: RawPacket) -> None:
        await self.go.wait()
        until = perf_counter() + self.seconds
        while perf_counter() < until:
            pass
        self.handled += 1

    def _on_too_large(self) -> None:
        self.too_large_frames += 1

    def _on_too_slow(self) -> None: ...

    @property
    def held(self) -> int:
        return self._inbox.size

    def close(self) -> None:
        self._inbox.close()


def opened(seconds: float = 0.0, *, signed_in: bool = True) -> tuple[Slow, Socket]:
    handler = Slow(seconds)
    socket = Socket(handler)
    handler.opened(socket)
    if signed_in:
        handler.lift_limits()
    return handler, socket


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = inbox.total.size
    yield
    assert inbox.total.size == before


def fill(handler: Slow, socket: Socket, frame: RawPacket, count: int) -> int:
    """Receive frames until the socket is paused; return how many."""
    for taken in range(count):
        if socket.paused:
            return taken
        handler.frame_received(frame)
    return count


async def test_large_frames_fill_an_inbox_by_their_bytes() -> None:
    handler, socket = opened()
    assert fill(handler, socket, "x" * 990_000, 40) <= 3
    assert handler.held < 3_100_000
    handler.go.set()
    async with asyncio.timeout(10):
        while socket.paused:  # noqa: ASYNC110 - turns of the loop are what is tested
            await asyncio.sleep(0)
    handler.close()


async def test_a_text_counts_by_what_it_takes_in_memory() -> None:
    handler, socket = opened()
    text = "x" * 990_000 + "🤷"
    assert sys.getsizeof(text) > 3_900_000
    assert fill(handler, socket, text, 40) == 1
    handler.close()


async def test_a_stranger_has_less() -> None:
    handler, socket = opened(signed_in=False)
    assert socket.max_payload == MAX_ANONYMOUS_PAYLOAD
    handler.frame_received("x" * (MAX_ANONYMOUS_PAYLOAD + 1))
    assert handler.too_large_frames == 1
    assert fill(handler, socket, "x" * MAX_ANONYMOUS_PAYLOAD, 40) == 2
    handler.lift_limits()
    assert socket.max_payload == 1_000_000
    handler.close()


async def test_all_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MAX_TOTAL_SIZE", 3_000_000)
    clients = [opened() for _ in range(20)]
    taken = [fill(handler, socket, "x" * 500_000, 40) for handler, socket in clients]
    # Once the bound is reached, each has one frame at a time.
    assert sum(taken) <= 6 + 19
    for handler, _ in clients:
        handler.go.set()
    async with asyncio.timeout(10):
        while any(socket.paused for _, socket in clients):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)
    for handler, _ in clients:
        handler.close()


async def test_others_have_their_turn_while_a_client_sends_what_takes_long() -> None:
    handler, socket = opened(seconds=0.002)
    handler.go.set()
    fill(handler, socket, "x", 200)
    seen = set()
    async with asyncio.timeout(20):
        while handler.handled < 200:
            await asyncio.sleep(0)
            seen.add(handler.handled)
    # All of them in one turn would have been 400 ms.
    assert len(seen) >= 200 * 0.002 / 0.012
    handler.close()
