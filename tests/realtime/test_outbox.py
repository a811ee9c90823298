"""An outbox writes in order, waits for a websocket that is full, and reports a client that is too far behind."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.transport.encoded import Encoded
from realtime.transport.outbox import MAX_PACKETS, Outbox

pytestmark = pytest.mark.unit


class Socket:
    """A websocket that is ready for `space` packets more."""

    def __init__(self, space: int) -> None:
        self.space = space
        self.written: list[str | bytes] = []
        self.closes: list[tuple[int, str]] = []
        self.handler: Any = None

    @property
    def ready(self) -> bool:
        return self.space > 0

    def write(self, encoded: Encoded) -> None:
        self.written += encoded.packets
        self.space -= len(encoded.packets)

    def close(self, code: int, reason: str = "") -> None:
        self.closes.append((code, reason))

    def pause(self) -> None:
        raise AssertionError("an outbox does not read")

    def resume(self) -> None:
        raise AssertionError("an outbox does not read")

    def limit(self, max_payload: int) -> None:
        raise AssertionError("an outbox does not read")


def outbox(overflows: list[str] | None = None) -> Outbox:
    return Outbox(on_overflow=lambda: overflows.append("overflow") if overflows is not None else None)


@given(st.lists(st.one_of(st.integers(1, 90), st.none()), max_size=30))
def test_everything_is_written_once_and_in_order_whenever_the_socket_is_ready(steps: list[int | None]) -> None:
    box, socket = outbox(), Socket(space=1)
    box.attach(socket)
    wanted: list[str] = []
    for step in steps:
        if step is None:
            wanted.append(str(len(wanted)))
            box.put(Encoded([wanted[-1]]))
        else:
            socket.space = step
            box.flush()
    socket.space = 10**6
    box.flush()
    assert socket.written == wanted
    assert len(box) == 0


def test_it_overflows_with_too_many_packets() -> None:
    overflows: list[str] = []
    box = outbox(overflows)
    for number in range(MAX_PACKETS):
        box.put(Encoded([str(number)]))
    assert not overflows
    box.put(Encoded(["one too many"]))
    assert overflows == ["overflow"]


def test_it_overflows_with_too_many_bytes() -> None:
    overflows: list[str] = []
    box = outbox(overflows)
    for _ in range(9):
        box.put(Encoded(["x" * 1_000_000]))
    assert overflows


async def test_a_finished_outbox_closes_the_socket_once_everything_is_written() -> None:
    box, socket = outbox(), Socket(space=0)
    box.attach(socket)
    box.put(Encoded(["the last"]))
    box.finish(4001, "over")
    assert socket.closes == []
    socket.space = 1
    box.flush()
    assert socket.written == ["the last"]
    assert socket.closes == [(4001, "over")]


async def test_a_pop_is_bounded_in_number_and_size() -> None:
    box = outbox()
    for number in range(20):
        box.put(Encoded([f"{number:02}"]))
    assert box.pop(16, 10**6) == [f"{number:02}" for number in range(16)]
    assert box.pop(16, 6) == ["16", "17"]
    box.put(Encoded(["x" * 50]))
    assert box.pop(16, 1) == ["18"]
