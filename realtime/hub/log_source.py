"""What a hub needs of the application: the logs that its rooms follow, and who belongs to which room."""

from typing import Protocol

from .change import Change, Position
from .connection import Connection


class LogSource(Protocol):
    """Each room follows the log of the same name."""

    async def head(self, room: str) -> Position:
        """Return the position of the log's last entry, read strongly; raises `NotFound` when there is no such log."""
        ...

    async def changes(self, room: str, after: int) -> list[Change]:
        """Return a page of the changes that follow the seq `after`, oldest first and without a gap; [] at the end."""
        ...

    def rewritten(self, changes: list[Change], latest: Change) -> list[Change]:
        """Return earlier changes of the entry that `latest` rewrites, in order, without what it has replaced.

        They are those of the entry itself and those with it as their target. It is called on the event loop.
        """
        ...

    async def rooms_behind(self, positions: dict[str, int]) -> set[str]:
        """Return the rooms, of those with the given seq, whose logs have later entries."""
        ...

    async def rooms_of(self, user_ids: list[str]) -> dict[str, set[str]]:
        """Return the rooms that each of at most a hundred users belongs to, read strongly."""
        ...

    async def on_joined(self, connection: Connection, room: str) -> None:
        """Join a connection to a room that its user has been added to, and send what the client needs first."""
        ...
