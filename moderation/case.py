"""A case and its reports, and what may be decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MESSAGE, USER = KINDS = ("message", "user")
OPEN, DECIDED = STATES = ("open", "decided")
KEEP, DELETE, WARN, REMOVE = DECISIONS = ("keep", "delete", "warn", "remove")
# What may be decided of a message; of a person all but that they are deleted.
DECISIONS_OF = {MESSAGE: DECISIONS, USER: (KEEP, WARN, REMOVE)}
REASONS = ("spam", "harassment", "threat", "private", "other")


@dataclass(frozen=True, slots=True)
class Thing:
    """What is reported: a message or a person, by its id."""

    kind: str
    id: str

    @classmethod
    def parse(cls, value: str) -> "Thing":
        kind, _, id_ = value.partition(":")
        return cls(kind, id_)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Case:
    """All that is reported of one thing until it is decided; `subject_id` is the person, or the message's author.

    Times are ISO 8601, in UTC.
    """

    id: str
    thing: Thing
    subject_id: str
    opened_at: str
    reports: int
    state: str = OPEN
    decision: str | None = None
    decided_by: str | None = None
    decided_at: str | None = None
    note: str | None = None

    def as_wire(self) -> dict[str, Any]:
        """Return `{"id", "kind", "thingId", "userId", "openedAt", "reports", "state", "decision"?, ...}`."""
        more = {
            "decision": self.decision,
            "decidedBy": self.decided_by,
            "decidedAt": self.decided_at,
            "note": self.note or None,
        }
        wire = {
            "id": self.id,
            "kind": self.thing.kind,
            "thingId": self.thing.id,
            "userId": self.subject_id,
            "openedAt": self.opened_at,
            "reports": self.reports,
            "state": self.state,
        }
        return wire | {name: value for name, value in more.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Report:
    """Who has reported a thing, and why; `evidence` is what it was like, of a stored one if the first's differs."""

    reporter_id: str
    at: str
    reason: str
    text: str = ""
    evidence: Mapping[str, Any] | None = None

    def as_wire(self) -> dict[str, Any]:
        """Return `{"userId", "at", "reason", "text"?, "evidence"?}`."""
        wire: dict[str, Any] = {"userId": self.reporter_id, "at": self.at, "reason": self.reason}
        more = {"text": self.text, "evidence": self.evidence}
        return wire | {name: value for name, value in more.items() if value}
