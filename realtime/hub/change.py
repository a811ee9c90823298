"""What a hub carries: one change of one followed log, already encoded, so that it is encoded once for all."""

from dataclasses import dataclass
from typing import Any, Protocol

import orjson


class Event(Protocol):
    """A typed event of an application: it knows its wire name and its data."""

    @property
    def name(self) -> str: ...

    def data(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Change:
    """One change at `seq` of a room's log; `data` is its JSON.

    `message_count` is the log's running count up to here; what is counted is the application's choice. The connections
    of the users in `joined` enter the room with this change, those of `left` leave it. A user who left receives
    `leave_data` instead of `data`, and nothing after it. `erases`: earlier changes must not be replayed from memory.
    """

    seq: int
    event: str
    data: bytes
    message_count: int
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    leave_data: bytes = b""
    erases: bool = False

    @classmethod
    def of(cls, event: Event, *, seq: int, message_count: int, **audience: Any) -> "Change":
        return cls(seq=seq, event=event.name, data=orjson.dumps(event.data()), message_count=message_count, **audience)

    def packed(self) -> list[Any]:
        """Return what another process makes the same change of (`unpacked`)."""
        joined, left = list(self.joined), list(self.left)
        return [self.seq, self.event, self.data, self.message_count, joined, left, self.leave_data, self.erases]

    @classmethod
    def unpacked(cls, packed: list[Any]) -> "Change":
        seq, event, data, message_count, joined, left, leave_data, erases = packed
        return cls(seq, event, data, message_count, tuple(joined), tuple(left), leave_data, erases)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a room's log: the last entry's `seq` and the running count there."""

    seq: int
    message_count: int
