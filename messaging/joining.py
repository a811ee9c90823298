"""Joins a connection to the rooms of its user's groups."""

import asyncio
from collections.abc import Collection, Mapping

from foundation.tasks import gather_or_cancel
from groups import selectors as groups
from groups.events import GroupJoined
from groups.summary import GroupSummary
from presence.broadcaster import presence_broadcaster
from realtime.hub.change import Position
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub
from users.actor import Actor

from .connection_state import ConnectionState


async def join_rooms(
    connection: Connection, group_ids: Collection[str], since: Mapping[str, int]
) -> dict[str, Position]:
    """Join the groups' rooms and return the position of each; what the connection holds begins right after it.

    Every room is loaded at least up to what the client has (`since`, the last seq by group id). When a room cannot be
    joined, its error is raised, and no other is joined after that.
    """
    hub = get_hub()

    async def join(group_id: str) -> None:
        # All at once: the ends of the logs that are asked for together are read together.
        await hub.join(connection, group_id, at_least=since.get(group_id, 0))

    not_loaded = [
        group_id for group_id in group_ids if not hub.try_join(connection, group_id, at_least=since.get(group_id, 0))
    ]
    if not_loaded:
        # A task that went on after a failure could join a room that the user has left before the next attempt.
        await gather_or_cancel(map(join, not_loaded))
    # The user may have been removed from a group meanwhile; its room has removed the connection.
    heads = {group_id: hub.position(group_id) for group_id in group_ids if group_id in connection.rooms}
    for group_id, head in heads.items():
        connection.drop_held(group_id, through=head.seq)
    return heads


async def list_joined(
    connection: Connection, actor: Actor, heads: Mapping[str, Position], since: Mapping[str, int]
) -> tuple[list[GroupSummary], bool]:
    """Leave the rooms of groups that the actor is not a member of; return the summaries of some others.

    Those are the groups in `since` and those that were written to last; True means that there are more. To be called
    after joining: the memberships are read strongly, and later changes of them arrive in the rooms.
    """
    listed = await groups.find_recent(heads, including=since, limit=groups.MAX_RECENT)
    # What is listed is known to be the actor's by that alone.
    unlisted = heads.keys() - listed
    still_in, summaries = await asyncio.gather(
        groups.list_group_ids(user_id=actor.user_id) if unlisted else _nothing(),
        groups.list_summaries_at(actor=actor, heads={group_id: heads[group_id] for group_id in listed}),
    )
    for group_id in (unlisted - still_in) | (listed - {summary.id for summary in summaries}):
        get_hub().leave(connection, group_id)
    more = any(group_id in connection.rooms for group_id in unlisted)
    return [summary for summary in summaries if summary.id in connection.rooms], more


async def _nothing() -> set[str]:
    return set()


async def join_added_group(connection: Connection, group_id: str) -> None:
    """Join the room of a group that the user was added to: send the group, then the changes after it."""
    state: ConnectionState = connection.state
    async with state.lock:
        # A connection that is not in the hub has yet to connect, and joins all its rooms then.
        if connection.closed or group_id in connection.rooms or connection not in get_hub():
            return
        connection.hold()
        try:
            heads = await join_rooms(connection, [group_id], {})
            summaries, _ = await list_joined(connection, state.actor, heads, {})
            for summary in summaries:
                event = GroupJoined(summary.head, summary.as_wire())
                connection.emit(event.name, event.data())
                presence_broadcaster().send_room(connection, group_id)
        except BaseException:
            # Whether the user is a member is not known: drop what is held.
            get_hub().leave(connection, group_id)
            raise
        finally:
            connection.release()
