"""An entry of the index of what is due."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Due:
    """At `at`, in milliseconds since 1970, something of a `kind` is to be done; `key` says for what.

    A kind is a word; both are stored, and never changed.
    """

    kind: str
    key: str
    at: int


def milliseconds(moment: datetime) -> int:
    """Return a time, which has a time zone, as an entry has it."""
    return round(moment.timestamp() * 1000)


def moment_of(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
