"""What a member's list has of a group."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .models import DIRECT, Group
from .own_settings.own_settings import OwnSettings
from .peers import Peer
from .policy import Rules


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """A group in a member's list.

    `head` is the seq of the log's end, `read` that of the read mark. `unread` is the exact number of messages of others
    between them, and `unread_alls` of those that name everybody, from the log's running counts. `mentions` has the seqs
    of those that name the actor, as a follower has found them. `version` counts the changes of what the actor has read.
    `peers` are the first PEERS_SHOWN of the others in a direct conversation, by whose names it is called, `peer_count`
    how many they are; `peer_id` is the other one of two; `group` has what all members have of it, `own` what the actor
    has set of it.
    """

    id: str
    name: str
    kind: str
    role: str
    head: int
    read: int
    unread: int
    peer_id: str | None = None
    mentions: Sequence[int] = ()
    unread_alls: int = 0
    version: int = 0
    peers: Sequence[Peer] = ()
    peer_count: int = 0
    own: OwnSettings = field(default_factory=OwnSettings)
    group: Group | None = field(default=None, compare=False)

    @property
    def is_notes(self) -> bool:
        """Whether these are the notes of somebody to themselves."""
        return self.kind == DIRECT and not self.peer_count

    @property
    def image_url(self) -> str | None:
        return self.group.image_url if self.group else None

    @property
    def rules(self) -> Rules:
        return self.group.rules if self.group else Rules()

    def as_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "role": self.role,
            "head": self.head,
            "read": self.read,
            "unread": self.unread,
            "mentions": list(self.mentions),
            "all": self.unread_alls,
            "version": self.version,
            "own": self.own.as_wire(),
        }
        if self.kind == DIRECT:
            wire |= {"peers": [peer.as_wire() for peer in self.peers], "peerCount": self.peer_count}
        if self.group:
            wire |= self.group.unusual()
        return {**wire, "peer": {"id": self.peer_id, "name": self.name}} if self.peer_id else wire
