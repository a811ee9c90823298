"""The evidence of a delivery check: what clients received and what the server stored, as plain data."""

from dataclasses import dataclass, field
from typing import Any

CHANGE_EVENTS = ("message", "message_update", "message_delete", "reaction_update", "group_update", "member_update")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a group's log, as a client received it or as it was read over HTTP."""

    seq: int
    event: str
    message_id: str = ""
    author: str = ""
    client_id: str = ""
    top_level: bool = False
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @classmethod
    def from_event(cls, event: str, data: dict[str, Any]) -> "Change":
        if event == "message":
            author, client_id = data["userId"], data.get("clientId", "")
            return cls(data["seq"], event, data["id"], author, client_id, top_level="parentId" not in data)
        message = data.get("message") or {}
        members = data.get("members", ())
        joined, left = (tuple(m["userId"] for m in members if (m["role"] is None) == gone) for gone in (False, True))
        return cls(data["seq"], event, data.get("messageId") or message.get("id", ""), joined=joined, left=left)


@dataclass(frozen=True, slots=True)
class Ack:
    """A message that the server acknowledged."""

    group_id: str
    author: str
    client_id: str
    message_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class ReadMark:
    """A read mark in the response to one request; `requested` is the seq it was to move to. Times are monotonic."""

    user_id: str
    group_id: str
    requested_at: float
    received_at: float
    read: int
    requested: int = 0


@dataclass(frozen=True, slots=True)
class UnreadCount:
    """A user's read mark and unread count of a group at the end of the run."""

    user_id: str
    group_id: str
    read: int
    unread: int


@dataclass(frozen=True, slots=True)
class TemporaryMembership:
    """A user who was added to a group once and removed again, and the seq of every change they received from it."""

    user_id: str
    group_id: str
    received: list[int] = field(default_factory=list)


class Snapshot:
    """The messages of a group after seq `start`, by id, as one client knows them."""

    def __init__(self, start: int, messages: dict[str, dict[str, Any]] | None = None) -> None:
        self.start = start
        self.messages = messages or {}

    def apply(self, event: str, data: dict[str, Any]) -> None:
        """Apply one change as docs/sockets.md tells clients to; changes to older messages are ignored."""
        if event == "message":
            self.messages[data["id"]] = {key: value for key, value in data.items() if key != "parent"}
            parent = data.get("parent") or {}
            if parent.get("id") in self.messages:
                self.messages[parent["id"]]["replyCount"] = parent["replyCount"]
        elif event in ("message_update", "message_delete"):
            if data["message"]["seq"] > self.start:
                self.messages[data["message"]["id"]] = data["message"]
        elif event == "reaction_update" and data["messageId"] in self.messages:
            message = self.messages[data["messageId"]]
            message.pop("reactions", None)
            if data["reactions"]:
                message["reactions"] = data["reactions"]


@dataclass
class Evidence:
    """`received`, `snapshots` and `skipped` are by client and group, `starts`, `logs` and `fresh_snapshots` by group.

    `starts` are the heads of the logs before the run; `fresh_snapshots` are read over HTTP after it.
    """

    starts: dict[str, int] = field(default_factory=dict)
    logs: dict[str, list[Change]] = field(default_factory=dict)
    received: dict[str, dict[str, list[Change]]] = field(default_factory=dict)
    snapshots: dict[str, dict[str, Snapshot]] = field(default_factory=dict)
    # The seqs that a client need not receive: it was away for too long to resume and would read a page instead.
    skipped: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    fresh_snapshots: dict[str, Snapshot] = field(default_factory=dict)
    acks: list[Ack] = field(default_factory=list)
    read_marks: list[ReadMark] = field(default_factory=list)
    unread_counts: list[UnreadCount] = field(default_factory=list)
    temporary_memberships: list[TemporaryMembership] = field(default_factory=list)
    # Descriptions of responses and events that a client must never get.
    anomalies: list[str] = field(default_factory=list)
