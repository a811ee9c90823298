"""The events about messages, typing and the connection, with their wire names; `event_serializers` has their shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from groups.summary import GroupSummary
from users.actor import Actor

from .models import Message
from .threads.counts import ThreadCounts


@dataclass(frozen=True, slots=True)
class Parent:
    """The message that a reply is to, with its new reply count."""

    id: str
    reply_count: int

    def as_wire(self) -> dict[str, Any]:
        return {"id": self.id, "replyCount": self.reply_count}


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message was sent; `parent` for replies only. `names_all`: it named everybody then, whatever it says now."""

    name: ClassVar[str] = "message"
    message: Message
    parent: Parent | None = None
    names_all: bool = False

    def data(self) -> dict[str, Any]:
        wire = self.message.as_wire()
        if self.parent:
            wire["parent"] = self.parent.as_wire()
        if self.names_all:
            wire["namesAll"] = True
        return wire


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A message was edited; `seq` is that of the edit."""

    name: ClassVar[str] = "message_update"
    seq: int
    message: Message

    def data(self) -> dict[str, Any]:
        return {"groupId": self.message.group_id, "seq": self.seq, "message": self.message.as_wire()}


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message was deleted; `seq` is that of the deletion, `message` what is left."""

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
    """Someone added or removed a reaction (`action` is "add" or "remove"); `message` has all its reactions."""

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
            "reactions": self.message.reactions_as_wire(),
            "userId": self.user_id,
            "emoji": self.emoji,
            "action": self.action,
        }


@dataclass(frozen=True, slots=True)
class PinChanged:
    """Someone pinned a message, or unpinned it (`action` is "add" or "remove"); `message` is as it is now."""

    name: ClassVar[str] = "pin_update"
    seq: int
    message: Message
    user_id: str
    action: str

    def data(self) -> dict[str, Any]:
        wire: dict[str, Any] = {
            "groupId": self.message.group_id,
            "seq": self.seq,
            "messageId": self.message.id,
            "userId": self.user_id,
            "action": self.action,
        }
        return {**wire, "pinned": self.message.pinned} if self.message.pinned else wire


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """Someone types, or has stopped; not stored in the log."""

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
class ThreadChanged:
    """A thread that the connection has open, as it is now; in the shape of `ThreadStateSerializer`."""

    name: ClassVar[str] = "thread_state"
    state: Mapping[str, Any]

    def data(self) -> dict[str, Any]:
        return dict(self.state)


@dataclass(frozen=True, slots=True)
class ClientReady:
    """A client has connected and is in its rooms.

    `presence` maps user ids to a status; `resumed` maps each group that the client named in `since` to "changes" when
    its missed changes follow, or "reset" when it must be read anew. `more`: the user is in groups that are not in
    `groups`. `revision` is that of the user's last `UserUpdated`. `threads`: what is unread in those that the user
    follows, if the client has asked for it.
    """

    name: ClassVar[str] = "ready"
    actor: Actor
    groups: Sequence[GroupSummary]
    presence: Mapping[str, str]
    resumed: Mapping[str, str]
    revision: int = 0
    more: bool = False
    threads: ThreadCounts | None = None

    def data(self) -> dict[str, Any]:
        wire: dict[str, Any] = {
            "user": {"id": self.actor.user_id, "name": self.actor.name},
            "groups": [summary.as_wire() for summary in self.groups],
            "presence": dict(self.presence),
            "revision": self.revision,
        }
        if self.more:
            wire["more"] = True
        if self.threads:
            wire["threads"] = self.threads.as_wire()
        return {**wire, "resumed": dict(self.resumed)} if self.resumed else wire


@dataclass(frozen=True, slots=True)
class ServerDraining:
    """The server is shutting down; the client should reconnect after `retry_after` seconds."""

    name: ClassVar[str] = "drain"
    retry_after: float

    def data(self) -> dict[str, Any]:
        return {"retryAfter": self.retry_after}
