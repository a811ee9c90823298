"""One change of a room's log, encoded before it reaches the hub, so that it is encoded once for all clients."""

from dataclasses import dataclass
from typing import Any, Protocol

import orjson


class Event(Protocol):
    """A typed event of an application: its name on the wire, and its data."""

    @property
    def name(self) -> str: ...

    def data(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Change:
    """The entry at `seq` of a room's log, as an event; `data` is its JSON.

    `message_count` is the number of messages in the log up to here, `all_count` of those that name everybody. The
    connections of the users in `joined` join the room with this change, those of `left` leave it: they get `leave_data`
    instead of `data`, and nothing after it.
    `target` is the seq of the earlier entry that this one changes, or 0. `rewrites`: it replaces its target's content,
    so that earlier changes must not be sent from memory as they were (`LogSource.rewritten`).
    """

    seq: int
    event: str
    data: bytes
    message_count: int
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    leave_data: bytes = b""
    target: int = 0
    rewrites: bool = False
    all_count: int = 0

    @classmethod
    def of(cls, event: Event, *, seq: int, message_count: int, **audience: Any) -> "Change":
        return cls(seq=seq, event=event.name, data=orjson.dumps(event.data()), message_count=message_count, **audience)

    def packed(self) -> list[Any]:
        """Return the fields as MessagePack takes them, for the link."""
        audience = [list(self.joined), list(self.left), self.leave_data]
        return [
            self.seq,
            self.event,
            self.data,
            self.message_count,
            *audience,
            self.target,
            self.rewrites,
            self.all_count,
        ]

    @classmethod
    def unpacked(cls, packed: list[Any]) -> "Change":
        seq, event, data, message_count, joined, left, leave_data, *more = packed
        return cls(seq, event, data, message_count, tuple(joined), tuple(left), leave_data, *more)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a room's log: an entry's `seq`, the number of messages up to it, and of those that name everybody."""

    seq: int
    message_count: int
    all_count: int = 0
