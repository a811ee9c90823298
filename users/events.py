"""The events about what belongs to one user: they go to that user's own connections, and are in no group's log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class UserUpdated:
    """Something that belongs to the user was changed; `kind` says what, `change` has its fields.

    `revision` is one more than that of the user's event before it. `READ_MARK` has {groupId, parentId?, read, unread,
    head}: the messages after the seq `read` up to the seq `head` that count as unread are `unread`. `PROFILE` has
    {user}, the user as everybody may see them.
    """

    READ_MARK: ClassVar[str] = "read_mark"
    PROFILE: ClassVar[str] = "profile"
    name: ClassVar[str] = "user_update"
    revision: int
    kind: str
    change: Mapping[str, Any]

    def data(self) -> dict[str, Any]:
        return {"revision": self.revision, "kind": self.kind, **self.change}
