"""The groups' logs as the hub reads them: a room is a group, and its changes are the entries of the group's log."""

from groups import selectors as groups
from groups.log import queries
from realtime.hub.change import Change, Position
from realtime.hub.connection import Connection

from .change_events import changes_after, rewritten
from .joining import join_added_group


class GroupLogs:
    """The hub's log source (`realtime.hub.log_source.LogSource`)."""

    async def head(self, room: str) -> Position:
        return await groups.get_head_position(group_id=room)

    async def changes(self, room: str, after: int) -> list[Change]:
        return await changes_after(room, after)

    def rewritten(self, changes: list[Change], latest: Change) -> list[Change]:
        return rewritten(changes, latest)

    async def rooms_behind(self, positions: dict[str, int]) -> set[str]:
        return await queries.groups_ahead(positions)

    async def rooms_of(self, user_ids: list[str]) -> dict[str, set[str]]:
        return await groups.list_group_ids_of_users(user_ids=user_ids)

    async def on_joined(self, connection: Connection, room: str) -> None:
        await join_added_group(connection, room)
