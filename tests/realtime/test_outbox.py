"""An outbox writes in order, waits for a websocket that is full, and gives up a client that is too far behind."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from realtime.transport.encoded import Encoded
from realtime.transport.outbox import MAX_PACKETS, Outbox


class Socket:
    """A websocket that takes `room` packets more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.written: list[str | bytes] = []
        self.closed_with: list[tuple[int, str]] = []
        self.owner: Any = None

    @property
    def ready(self) -> bool:
        return self.room > 0

    def write(self, encoded: Encoded) -> None:
        self.written += encoded.packets
        self.room -= len(encoded.packets)

    def close(self, code: int, reason: str = "") -> None:
        self.closed_with.append((code, reason))

    def pause(self) -> None:
        raise AssertionError("an outbox does not read")

    def resume(self) -> None:
        raise AssertionError("an outbox does not read")


def outbox(overflows: list[str] | None = None) -> Outbox:
    return Outbox(on_overflow=lambda: overflows.append("overflow") if overflows is not None else None)


@given(st.lists(st.one_of(st.integers(1, 90), st.none()), max_size=30))
def test_all_is_written_once_and_in_order_however_the_socket_stops_and_goes(steps: list[int | None]) -> None:
    box, socket = outbox(), Socket(room=1)
    box.attach(socket)
    wanted: list[str] = []
    for step in steps:
        if step is None:
            wanted.append(str(len(wanted)))
            box.put(Encoded([wanted[-1]]))
        else:
            socket.room = step
            box.flush()
    socket.room = 10**6
    box.flush()
    assert socket.written == wanted
    assert len(box) == 0


def test_who_is_too_far_behind_is_given_up_once_it_is_full() -> None:
    overflows: list[str] = []
    box = outbox(overflows)
    for number in range(MAX_PACKETS):
        box.put(Encoded([str(number)]))
    assert not overflows
    box.put(Encoded(["one too many"]))
    assert overflows == ["overflow"]


def test_too_much_in_few_packets_is_too_much_as_well() -> None:
    overflows: list[str] = []
    box = outbox(overflows)
    for _ in range(9):
        box.put(Encoded(["x" * 1_000_000]))
    assert overflows


async def test_a_socket_is_closed_once_the_last_words_are_written() -> None:
    box, socket = outbox(), Socket(room=0)
    box.attach(socket)
    box.put(Encoded(["last words"]))
    box.finish(4001, "over")
    assert socket.closed_with == []
    socket.room = 1
    box.flush()
    assert socket.written == ["last words"]
    assert socket.closed_with == [(4001, "over")]


async def test_what_a_poll_takes_is_bounded_in_number_and_size() -> None:
    box = outbox()
    for number in range(20):
        box.put(Encoded([f"{number:02}"]))
    assert box.take(16, 10**6) == [f"{number:02}" for number in range(16)]
    assert box.take(16, 6) == ["16", "17"]
    box.put(Encoded(["x" * 50]))
    assert box.take(16, 1) == ["18"]
