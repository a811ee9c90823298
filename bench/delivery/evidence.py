"""The evidence of a delivery check: what clients sent and received and what the server stored, as plain data."""

import math
from collections import defaultdict
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
    # Of a reaction: who, what, and whether it was added or removed.
    reaction: tuple[str, str, str] | None = None

    @classmethod
    def from_event(cls, event: str, data: dict[str, Any]) -> "Change":
        if event == "message":
            author, client_id = data["userId"], data.get("clientId", "")
            return cls(data["seq"], event, data["id"], author, client_id, top_level="parentId" not in data)
        message = data.get("message") or {}
        members = data.get("members", ())
        joined, left = (tuple(m["userId"] for m in members if (m["role"] is None) == gone) for gone in (False, True))
        reaction = (data["userId"], data["emoji"], data["action"]) if event == "reaction_update" else None
        message_id = data.get("messageId") or message.get("id", "")
        return cls(data["seq"], event, message_id, joined=joined, left=left, reaction=reaction)


@dataclass(frozen=True, slots=True)
class Send:
    """A message as a client sent it, acknowledged or not."""

    group_id: str
    author: str
    client_id: str
    content: str
    parent_id: str | None = None
    file_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ack:
    """A message that the server acknowledged; it was requested first, and acknowledged last, at these times."""

    group_id: str
    author: str
    client_id: str
    message_id: str
    seq: int
    requested_at: float = 0.0
    received_at: float = math.inf


@dataclass(slots=True)
class Operation:
    """A change to a message that a client requested: "edit", "delete" or "reaction".

    Without a response it may have happened, then or later. `refused`: the response was that it has not. `version` is
    that of an acknowledged edit, `seq` that of an acknowledged deletion.
    """

    kind: str
    group_id: str
    user_id: str
    message_id: str
    content: str = ""
    emoji: str = ""
    action: str = ""
    requested_at: float = 0.0
    received_at: float = math.inf
    acknowledged: bool = False
    refused: bool = False
    version: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file whose upload was acknowledged."""

    file_id: str
    group_id: str
    user_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What one version of a message says."""

    content: str
    deleted: bool = False
    # The id and the hash of each file.
    files: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> "Shown":
        files = tuple((file["id"], file["metadata"]["sha256"]) for file in message.get("attachments", ()))
        return cls(message["content"], message.get("deleted", False), files)


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

    `starts` are the heads of the logs before the run; `fresh_snapshots` are read over HTTP after it. `sends`,
    `operations` and `uploads` are all that was requested: nothing else may be found.
    """

    starts: dict[str, int] = field(default_factory=dict)
    logs: dict[str, list[Change]] = field(default_factory=dict)
    received: dict[str, dict[str, list[Change]]] = field(default_factory=dict)
    snapshots: dict[str, dict[str, Snapshot]] = field(default_factory=dict)
    # The seqs that a client need not receive: it was away for too long to resume and would read a page instead.
    skipped: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    fresh_snapshots: dict[str, Snapshot] = field(default_factory=dict)
    sends: dict[tuple[str, str], Send] = field(default_factory=dict)
    acks: list[Ack] = field(default_factory=list)
    # The seqs of messages that one connection sent at once, in that order; all were stored at the first try.
    bursts: list[list[int]] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    # By message id and version: all that anybody was shown of it, and where first.
    shown: dict[tuple[str, int], dict[Shown, str]] = field(default_factory=lambda: defaultdict(dict))
    uploads: list[Upload] = field(default_factory=list)
    # The hash of each uploaded file as it was read at the end; None: it is gone.
    stored_files: dict[str, str | None] = field(default_factory=dict)
    read_marks: list[ReadMark] = field(default_factory=list)
    unread_counts: list[UnreadCount] = field(default_factory=list)
    temporary_memberships: list[TemporaryMembership] = field(default_factory=list)
    # Descriptions of responses and events that a client must never get.
    anomalies: list[str] = field(default_factory=list)

    def add_send(self, send: Send) -> None:
        self.sends[send.author, send.client_id] = send

    def add_shown(self, where: str, event_data: dict[str, Any]) -> None:
        """Keep what an event, an acknowledgement or a page shows of a message, if it shows one."""
        message = event_data.get("message", event_data)
        if "version" in message:
            self.shown[message["id"], message["version"]].setdefault(Shown.from_message(message), where)
