"""What is told about messages, people and the connection; the wire names of all such events stand here.

What each one's data looks like stands in `event_serializers`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from groups.selectors import GroupSummary
from users.actor import Actor

from .models import Message, grouped


@dataclass(frozen=True, slots=True)
class Parent:
    """What a reply changes of the message that it answers."""

    id: str
    reply_count: int

    def as_wire(self) -> dict[str, Any]:
        return {"id": self.id, "replyCount": self.reply_count}


@dataclass(frozen=True, slots=True)
class MessageSent:
    name: ClassVar[str] = "message"
    message: Message
    parent: Parent | None = None

    def data(self) -> dict[str, Any]:
        wire = self.message.as_wire()
        if self.parent:
            wire["parent"] = self.parent.as_wire()
        return wire


@dataclass(frozen=True, slots=True)
class MessageEdited:
    name: ClassVar[str] = "message_update"
    seq: int
    message: Message

    def data(self) -> dict[str, Any]:
        return {"groupId": self.message.group_id, "seq": self.seq, "message": self.message.as_wire()}


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    name: ClassVar[str] = "message_delete"
    seq: int
    message: Message

    def data(self) -> dict[str, Any]:
        return {
            "groupId": self.message.group_id,
            "seq": self.seq,
            "messageId": self.message.id,
            "message": self.message.as_wire(),
        }


@dataclass(frozen=True, slots=True)
class ReactionsChanged:
    """Someone reacted or took a reaction back; `reactions` is all that the message has now."""

    name: ClassVar[str] = "reaction_update"
    seq: int
    message: Message
    user_id: str
    emoji: str
    action: str

    def data(self) -> dict[str, Any]:
        return {
            "groupId": self.message.group_id,
            "seq": self.seq,
            "messageId": self.message.id,
            "reactions": grouped(self.message.reactions),
            "userId": self.user_id,
            "emoji": self.emoji,
            "action": self.action,
        }


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """Someone types, or stopped; never kept."""

    name: ClassVar[str] = "thread_typing_update"
    group_id: str
    user_id: str
    user_name: str
    typing: bool
    parent_id: str | None = None

    def data(self) -> dict[str, Any]:
        wire = {"groupId": self.group_id, "userId": self.user_id, "name": self.user_name, "typing": self.typing}
        return {**wire, "parentId": self.parent_id} if self.parent_id else wire


@dataclass(frozen=True, slots=True)
class ClientEntered:
    """A client is in: `resumed` says for each group that it knew whether "changes" follow or it must "reset"."""

    name: ClassVar[str] = "ready"
    actor: Actor
    groups: Sequence[GroupSummary]
    presence: Mapping[str, str]
    resumed: Mapping[str, str]

    def data(self) -> dict[str, Any]:
        wire: dict[str, Any] = {
            "user": {"id": self.actor.user_id, "name": self.actor.name},
            "groups": [summary.as_wire() for summary in self.groups],
            "presence": dict(self.presence),
        }
        return {**wire, "resumed": dict(self.resumed)} if self.resumed else wire


@dataclass(frozen=True, slots=True)
class ServerLeaving:
    """The server goes down; the client comes back after so many seconds."""

    name: ClassVar[str] = "drain"
    retry_after: float

    def data(self) -> dict[str, Any]:
        return {"retryAfter": self.retry_after}
