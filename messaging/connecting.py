"""Connects a client: joins its rooms, sends `ready`, then the changes that it missed, then live changes."""

import asyncio
from collections.abc import Mapping

from django.conf import settings

from foundation.counters import sockets
from foundation.errors import RateLimited, Unavailable
from foundation.limits import compute
from foundation.limits.connections import RETRY_AFTER
from groups import selectors as groups
from groups.selectors import GroupSummary
from presence.broadcaster import presence_broadcaster
from presence.selectors import snapshot_of
from realtime.connecting import ReconnectRequired
from realtime.hub.change import Position
from realtime.hub.connection import Connection
from realtime.hub.event_batch import EventBatch
from realtime.hub.hub import get_hub
from realtime.hub.room_memory import RING_SIZE
from users import selectors as users

from .connection_state import ConnectionState
from .events import ClientReady
from .joining import join_rooms, list_joined
from .threads.selectors import find_counts

# What `ready` says of a group that the client has a position in.
_CHANGES, _RESET = "changes", "reset"
# How many missed changes are sent before waiting for the client to read them.
_MISSED_BATCH = 64


def require_space(user_id: str) -> None:
    """Raise `RateLimited` when the user has `MAX_CONNECTIONS_PER_USER` connections in this process."""
    if 0 < settings.MAX_CONNECTIONS_PER_USER <= get_hub().count_of(user_id):
        raise RateLimited("You have too many open connections: close some.", retry_after=RETRY_AFTER)


async def connect(connection: Connection) -> None:
    """Join the rooms of the user's groups, send `ready` and what the client missed, then deliver what came meanwhile.

    No change is skipped: the rooms are joined, and their events held, before anything is read. Raises `AppError`,
    and `ReconnectRequired` once `ready` was sent.
    """
    # For what is read of the logs in tasks of their own.
    compute.caller.set(connection.user_id)
    state: ConnectionState = connection.state
    since, state.since = state.since or {}, None
    ready_sent = False
    async with state.lock:
        connection.hold()
        try:
            get_hub().add(connection)
            _, revision, group_ids = await asyncio.gather(
                state.load_actor(), _load_revision(connection), groups.list_group_ids(user_id=connection.user_id)
            )
            heads = await join_rooms(connection, group_ids, since)
            summaries, more = await list_joined(connection, state.actor, heads, since)
            resumed = _resumed(summaries, heads, since)
            presence_broadcaster().add(connection)
            presence = snapshot_of(rooms=connection.rooms)
            counts = await find_counts(actor=state.actor) if state.counts_threads else None
            event = ClientReady(state.actor, summaries, presence, resumed, revision=revision, more=more, threads=counts)
            connection.emit(event.name, event.data())
            ready_sent = True
            for group_id, mode in resumed.items():
                if mode == _CHANGES and group_id in connection.rooms:
                    await _send_missed(connection, group_id, since[group_id], heads[group_id].seq)
            sockets.resumed += _CHANGES in resumed.values()
        except BaseException as error:
            # Also drops what is held: whether the user is a member of those groups is not known.
            get_hub().remove(connection)
            if ready_sent and isinstance(error, Exception):
                # A second `ready` would start at a later position, and skip the changes in between.
                raise ReconnectRequired from error
            raise
        finally:
            connection.release()


async def _load_revision(connection: Connection) -> int:
    """Read the revision of the user's own events once later ones arrive here, and before the read marks are read."""
    await get_hub().wait_reachable(connection.user_id)
    return await users.get_revision(user_id=connection.user_id)


def _resumed(summaries: list[GroupSummary], heads: Mapping[str, Position], since: Mapping[str, int]) -> dict[str, str]:
    """Return for each group in `since` whether its missed changes are sent, or the client must read it anew."""
    missed = {summary.id: heads[summary.id].seq - since[summary.id] for summary in summaries if summary.id in since}
    return {group_id: _CHANGES if 0 <= count <= RING_SIZE else _RESET for group_id, count in missed.items()}


async def _send_missed(connection: Connection, group_id: str, since: int, until: int) -> None:
    """Send the changes after `since` up to `until` no faster than the client reads: they may exceed its outbox."""
    changes = await get_hub().changes_between(group_id, since, until)
    if changes is None:
        raise Unavailable
    for start in range(0, len(changes), _MISSED_BATCH):
        await connection.wait_for_space()
        batch = EventBatch(changes[start : start + _MISSED_BATCH])
        await connection.prepare(batch)
        # The user may be removed from the group meanwhile.
        if group_id in connection.rooms:
            connection.send(batch)
