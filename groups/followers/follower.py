"""What a follower is, and which there are: apps register theirs when Django is ready."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from groups.log.entry import Entry

# Where a new follower begins in a group that is older than itself.
FROM_FIRST, FROM_NOW = "from the first entry", "from now"


class Follower(ABC):
    """Gets each entry of each group at least once, in the group's order, in one of the processes.

    Two processes may handle the same entries at the same time, one of them long after the other: every effect must be
    conditional on the entry's seq, or on what it has changed before. It must also be conditional on what the deletion
    of a group takes away, such as a membership, or be erased by `forget`.
    """

    # Under which its places are stored: never changed.
    name: str
    start = FROM_FIRST

    @abstractmethod
    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        """Handle consecutive entries of a group, each as it is now: a message may have been edited since.

        Without `notify` they are old: nobody may be told of them, by a push or a webhook. After `Unavailable` they are
        handed over again, as long as it takes; an entry that fails otherwise is set aside after some tries.
        """

    async def forget(self, group_id: str) -> None:  # noqa: B027 - most keep nothing that a deletion would leave
        """Erase what was made of a group that is being deleted; may be called again."""


_followers: dict[str, Follower] = {}


def register(follower: Follower) -> None:
    """Add a follower, before the process starts to follow; one of the same name is replaced."""
    _followers[follower.name] = follower


def registered() -> list[Follower]:
    return list(_followers.values())
