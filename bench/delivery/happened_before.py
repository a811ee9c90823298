"""What is certain about the order of concurrent requests: one that had its response came before those sent later."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar


class Timed(Protocol):
    @property
    def requested_at(self) -> float: ...
    @property
    def received_at(self) -> float: ...


T = TypeVar("T", bound=Timed)


def with_reached(items: Iterable[T], value: Callable[[T], int]) -> Iterator[tuple[T, int]]:
    """Yield each item with the highest value among those whose response arrived before its request (0: none)."""
    items = list(items)
    by_response = sorted(items, key=lambda item: item.received_at)
    reached = position = 0
    for item in sorted(items, key=lambda item: item.requested_at):
        while position < len(by_response) and by_response[position].received_at < item.requested_at:
            reached = max(reached, value(by_response[position]))
            position += 1
        yield item, reached
