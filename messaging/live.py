"""How the hub reaches the groups' logs, and how a connection is brought into the rooms of its user's groups."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from foundation.errors import Unavailable
from groups import selectors as groups
from groups.events import GroupJoined
from groups.log import queries
from groups.selectors import GroupSummary
from presence.broadcaster import presence_teller
from realtime.application import HalfwayIn
from realtime.hub.change import Change, Position
from realtime.hub.connection import Connection
from realtime.hub.frame import Frame
from realtime.hub.hub import get_hub
from realtime.hub.room import RING_SIZE
from users.actor import Actor
from users.services import actor_of
from users.tokens import Claims

from .change_events import changes_after
from .events import ClientReady

# How many rooms one handshake opens at a time.
_ROOMS_AT_ONCE = 16
# What `ready` says of a group that the client knew.
_CHANGES, _RESET = "changes", "reset"
# How many changes a returning client is given before it is asked whether it takes more.
_TOLD_AT_ONCE = 64


@dataclass(slots=True)
class ConnectionState:
    """Who a connection is; the lock keeps entering and being added to a group apart."""

    claims: Claims
    # The last seq that the client has of each group, until it has entered.
    since: Mapping[str, int] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    # "online" or "away", as the client says; none until it has entered.
    status: str | None = None
    # The sends that are under way: the next need not wait for them.
    sends: set[asyncio.Task[dict[str, Any]]] | None = None
    _actor: Actor | None = field(default=None, init=False)

    @property
    def actor(self) -> Actor:
        """The user: known once the connection has entered; nothing is done for it earlier."""
        assert self._actor, "the connection has not entered"
        return self._actor

    async def sign_in(self) -> None:
        """Find out who the claims stand for; raises `Unavailable`."""
        self._actor = await actor_of(claims=self.claims)

    def renew(self, claims: Claims) -> None:
        """Go on by other claims of the same user; at once, so that nothing can end their session meanwhile."""
        self._actor = replace(self.actor, session_id=claims.session_id, expires_at=claims.expires_at)
        self.claims = claims

    def add_send(self, send: asyncio.Task[dict[str, Any]]) -> None:
        # Made for those who send: most connections listen.
        self.sends = self.sends or set()
        self.sends.add(send)
        send.add_done_callback(self.sends.discard)


class GroupLogs:
    """The rooms are groups, and their logs are the groups' logs (`realtime.hub.room.Source`)."""

    async def position(self, room: str) -> Position:
        return await groups.head_position(group_id=room)

    async def changes(self, room: str, after: int) -> list[Change]:
        return await changes_after(room, after)

    async def ahead(self, positions: dict[str, int]) -> set[str]:
        return await queries.groups_ahead(positions)

    async def rooms_of(self, user_ids: list[str]) -> dict[str, set[str]]:
        return await groups.group_ids_of_users(user_ids=user_ids)

    async def admit(self, connection: Connection, room: str) -> None:
        """Bring in a user who was added to a group: the group as it stands first, then what follows."""
        async with connection.state.lock:
            # Of one who could not enter just now, entering anew sees to all rooms.
            if connection.closed or room in connection.rooms or not get_hub().knows(connection):
                return
            state: ConnectionState = connection.state
            connection.hold()
            try:
                heads = await _join(connection, [room], {})
                for summary in await _keep_own(connection, state.actor, heads):
                    event = GroupJoined(summary.head, summary.as_wire())
                    connection.emit(event.name, event.data())
                    presence_teller().show_room(connection, room)
            except BaseException:
                # Whether the user belongs here is not known.
                get_hub().leave(connection, room)
                raise
            finally:
                connection.release()


async def enter(connection: Connection) -> None:
    """Send `ready`, then the changes that `since` lacks, then go live: a position first, then data.

    Nothing can fall between: the rooms are joined, and their frames held back, before anything is read.
    """
    state: ConnectionState = connection.state
    since, state.since = state.since or {}, None
    sent = False
    async with state.lock:
        connection.hold()
        try:
            get_hub().add(connection)
            mine = groups.group_ids(user_id=connection.user_id)
            _, group_ids = await asyncio.gather(state.sign_in(), mine)
            heads = await _join(connection, group_ids, since)
            own = await _keep_own(connection, state.actor, heads)
            resumed = _resumed(own, heads, since)
            _send_ready(connection, state.actor, own, resumed)
            sent = True
            for group_id, kind in resumed.items():
                if kind == _CHANGES and group_id in connection.rooms:
                    await _tell_missed(connection, group_id, since[group_id], heads[group_id].seq)
        except BaseException as error:
            # What was held back must not be told: whether the user belongs there is not known.
            get_hub().remove(connection)
            if sent and isinstance(error, Exception):
                # Another `ready` would pass over what came in between.
                raise HalfwayIn from error
            raise
        finally:
            connection.release()


async def _join(connection: Connection, group_ids: Collection[str], since: Mapping[str, int]) -> dict[str, Position]:
    """Join the rooms and return where each stands; what is held back begins right after."""
    hub = get_hub()
    at_once = asyncio.Semaphore(_ROOMS_AT_ONCE)

    async def join(group_id: str) -> None:
        async with at_once:
            await hub.join(connection, group_id, known=since.get(group_id, 0))

    new = [group_id for group_id in group_ids if not hub.enter(connection, group_id, known=since.get(group_id, 0))]
    if new:
        await asyncio.gather(*map(join, new))
    # A room that the user was removed from meanwhile is not among the connection's any more.
    heads = {group_id: hub.position(group_id) for group_id in group_ids if group_id in connection.rooms}
    for group_id, head in heads.items():
        connection.drop_held(group_id, through=head.seq)
    return heads


async def _keep_own(connection: Connection, actor: Actor, heads: Mapping[str, Position]) -> list[GroupSummary]:
    """Check each membership strongly, now that the rooms are followed, and leave the rooms without one."""
    summaries = await groups.list_summaries_at(actor=actor, heads=heads)
    for group_id in heads.keys() - {summary.id for summary in summaries}:
        get_hub().leave(connection, group_id)
    return [summary for summary in summaries if summary.id in connection.rooms]


def _resumed(own: list[GroupSummary], heads: Mapping[str, Position], since: Mapping[str, int]) -> dict[str, str]:
    """Return for each group that the client knew whether it is told what it lacks, or must read it anew."""
    behind = {summary.id: heads[summary.id].seq - since[summary.id] for summary in own if summary.id in since}
    return {group_id: _CHANGES if 0 <= lacks <= RING_SIZE else _RESET for group_id, lacks in behind.items()}


async def _tell_missed(connection: Connection, group_id: str, since: int, until: int) -> None:
    """Send what a client lacks as fast as it takes it: a weekend in many groups is more than may wait at once."""
    changes = await get_hub().changes_between(group_id, since, until)
    if changes is None:
        raise Unavailable
    for start in range(0, len(changes), _TOLD_AT_ONCE):
        await connection.wait_for_space()
        # Who is removed meanwhile is told no more.
        if group_id in connection.rooms:
            connection.send(Frame(changes[start : start + _TOLD_AT_ONCE]))


def _send_ready(connection: Connection, actor: Actor, own: list[GroupSummary], resumed: Mapping[str, str]) -> None:
    event = ClientReady(actor, own, presence_teller().enter(connection), resumed)
    connection.emit(event.name, event.data())
