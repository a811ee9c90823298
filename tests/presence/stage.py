"""Presence without sockets: processes that a test runs step by step, on a clock that it moves."""

import json
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from presence.broadcaster import PresenceBroadcaster
from presence.group_sizes import GroupSizes
from presence.services import set_presence
from presence.state import PresenceState
from realtime.hub.change import Change, Position
from realtime.hub.connection import Connection
from realtime.hub.hub import Hub
from realtime.transport.encoded import Encoded


class Clock:
    """Stands still until it is advanced."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class EmptyLogs:
    """Rooms in which nothing is ever written; they are as large as `sizes` says, or have two members."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}
        self.rooms: dict[str, set[str]] = defaultdict(set)

    async def count_members(self, room: str, limit: int) -> int:
        return min(self.sizes.get(room, 2), limit)

    async def head(self, room: str) -> Position:
        return Position(0, 0)

    async def changes(self, room: str, after: int) -> list[Change]:
        return []

    def rewritten(self, changes: list[Change], latest: Change) -> list[Change]:
        return changes

    async def rooms_behind(self, positions: dict[str, int]) -> set[str]:
        return set()

    async def on_joined(self, connection: Connection, room: str) -> None:
        raise AssertionError("nobody joins here")

    async def rooms_of(self, user_ids: list[str]) -> dict[str, set[str]]:
        return {user_id: self.rooms[user_id] for user_id in user_ids}


class JsonEncoder:
    def event(self, name: str, data: bytes) -> str:
        return json.dumps([name, json.loads(data)])


class Client:
    """A connection whose client keeps each `presence_update`; above a hundred in the backlog it takes none."""

    transport = "websocket"

    def __init__(self, user_id: str) -> None:
        self.backlog = 0
        # The close code, or None while the connection is open.
        self.closed: int | None = None
        self.updates: list[dict[str, Any]] = []
        self.connection = Connection(encoder=JsonEncoder(), channel=self)
        self.connection.user_id = user_id
        self.connection.state = SimpleNamespace(status=None)

    def send(self, encoded: Encoded) -> None:
        for packet in encoded.packets:
            name, data = json.loads(packet)
            assert name == "presence_update"
            self.updates.append(data)

    def close(self, reason: str, *, code: int = 1000) -> None:
        self.closed = code

    async def say(self, status: str) -> None:
        await set_presence(connection=self.connection, status=status)

    def statuses_of(self, user_id: str) -> list[str]:
        """Return the statuses that the client was sent of a user, in order."""
        users = [user for update in self.updates for user in update["users"]]
        return [user["status"] for user in users if user["userId"] == user_id]


class Node:
    """What one process has of presence."""

    def __init__(self, clock: Clock, logs: EmptyLogs) -> None:
        self._logs = logs
        self._clients: list[Client] = []
        self.hub, self.state = Hub(logs), PresenceState(clock)
        self.sizes = GroupSizes(clock, logs.count_members)
        self.broadcaster = PresenceBroadcaster(self.hub, self.state, self.sizes)

    async def connect(self, user_id: str, *rooms: str) -> Client:
        client = Client(user_id)
        self._clients.append(client)
        await self.enter(client, *rooms)
        return client

    async def enter(self, client: Client, *rooms: str) -> None:
        self._logs.rooms[client.connection.user_id] |= set(rooms)
        self.hub.add(client.connection)
        for room in rooms:
            await self.hub.join(client.connection, room)
        self.broadcaster.add(client.connection)

    def disconnect(self, *clients: Client) -> None:
        for client in clients:
            client.connection.closed = True
            self.hub.remove(client.connection)

    async def close(self) -> None:
        await self.broadcaster.close()
        await self.hub.close()
        assert not any(client.closed for client in self._clients), "a client was closed"


class Stage:
    """Several processes on one clock; `logs` is what they all read."""

    def __init__(self) -> None:
        self.clock, self.logs = Clock(), EmptyLogs()
        self.nodes: list[Node] = []

    def node(self) -> Node:
        self.nodes.append(Node(self.clock, self.logs))
        return self.nodes[-1]

    async def step(self, seconds: float = 0) -> None:
        """Advance the clock, and let every process publish what is then known in any of them."""
        self.clock.advance(seconds)
        # The first turn looks up the rooms' sizes, the second writes what is new, and the last reads it everywhere.
        for _ in range(3):
            for node in self.nodes:
                await node.broadcaster.run_once()
                await node.sizes.wait_for_lookups()

    async def close(self) -> None:
        for node in self.nodes:
            await node.close()
