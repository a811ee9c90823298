"""A broken invariant, and how it is described."""

from collections.abc import Sequence
from dataclasses import dataclass

LOST, DUPLICATE, ORDER, DIFFERENT, UNSENT = "lost", "duplicate", "order", "different", "unsent"
SNAPSHOT, READ_MARK, UNREAD, OUTSIDER, ANOMALY = "snapshot", "read mark", "unread", "outsider", "anomaly"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken invariant: its kind, the client, user or group concerned, and what was observed."""

    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.what}"


def abbreviate(items: Sequence[object]) -> str:
    return ", ".join(map(str, items[:5])) + (f" and {len(items) - 5} more" if len(items) > 5 else "")
