"""What the clients of a check saw and what the server keeps: all that the judge needs, and nothing of how it came."""

from dataclasses import dataclass, field
from typing import Any

CHANGES = ("message", "message_update", "message_delete", "reaction_update", "group_update", "member_update")


@dataclass(frozen=True, slots=True)
class Told:
    """One change of a group's log as a client was told it, or as it was read over HTTP."""

    seq: int
    event: str
    message_id: str = ""
    author: str = ""
    client_id: str = ""
    top_level: bool = False
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: str, data: dict[str, Any]) -> "Told":
        if event == "message":
            place = (data["seq"], event, data["id"], data["userId"], data.get("clientId", ""))
            return cls(*place, top_level="parentId" not in data)
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
class Mark:
    """A read mark as the server answered it, between two moments; `wanted` is what it had been moved to."""

    user_id: str
    group_id: str
    asked_at: float
    answered_at: float
    read: int
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """A user's read mark and unread count of a group when all was over."""

    user_id: str
    group_id: str
    read: int
    unread: int


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who was let into a group and put out again, once, and the seq of every change that they were told."""

    user_id: str
    group_id: str
    told: list[int] = field(default_factory=list)


class Picture:
    """The messages of a group that came after `start`, by id, as one client has them."""

    def __init__(self, start: int, messages: dict[str, dict[str, Any]] | None = None) -> None:
        self.start = start
        self.messages = messages or {}

    def apply(self, event: str, data: dict[str, Any]) -> None:
        """Take one change, as the protocol says a client does; older messages are not in the picture."""
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
    """`told`, `pictures` and `skipped` by client and group, `logs`, `starts` and `fresh` by group."""

    starts: dict[str, int] = field(default_factory=dict)
    logs: dict[str, list[Told]] = field(default_factory=dict)
    told: dict[str, dict[str, list[Told]]] = field(default_factory=dict)
    pictures: dict[str, dict[str, Picture]] = field(default_factory=dict)
    # What a client was not to be told, for it had been away for too long: it would read a page instead.
    skipped: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    fresh: dict[str, Picture] = field(default_factory=dict)
    acks: list[Ack] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    # What a client saw that must not be, in words.
    oddities: list[str] = field(default_factory=list)
