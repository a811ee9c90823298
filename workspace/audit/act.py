"""An act as the log has it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from foundation.ids import new_id

# Who was refused so often, or from so many places, that they are counted together.
MANY = "many"


@dataclass(frozen=True, slots=True)
class Act:
    """An administrative act, such as `invitation.make`, done at `at` (ISO 8601, UTC) by the user `by`.

    `by` may also be `operator` (who runs the server), `clerk`, `nobody` or `MANY`. `about` has ids, numbers and flags
    by wire name. One that stands for several has their `count`, and the time of the last in `until`. `tag` tells it
    from another act of the same time.
    """

    at: str
    act: str
    by: str
    about: Mapping[str, Any] = field(default_factory=dict)
    session: str | None = None
    address: str | None = None
    count: int = 1
    until: str | None = None
    tag: str = field(default_factory=lambda: new_id("a", 10))

    @property
    def day(self) -> str:
        return day_of(self.at)

    @property
    def key(self) -> str:
        """Its place in the log, whose order is that of time."""
        return f"{self.at}#{self.tag}"

    def ids(self) -> Iterator[str]:
        """Yield the ids that it is about."""
        for value in self.about.values():
            yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))

    def as_wire(self) -> dict[str, Any]:
        """Return `{"id", "at", "act", "by", "about", "sessionId"?, "address"?, "count"?, "until"?}`."""
        more = {
            "sessionId": self.session,
            "address": self.address,
            "count": self.count if self.count > 1 else None,
            "until": self.until,
        }
        wire = {"id": self.key, "at": self.at, "act": self.act, "by": self.by, "about": dict(self.about)}
        return wire | {name: value for name, value in more.items() if value is not None}


def day_of(moment: str) -> str:
    """Return the day of a time in the format of the wire."""
    return moment[:10]
