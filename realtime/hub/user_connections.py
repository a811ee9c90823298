"""The connections of each user in this process, and the topic by which other processes reach them."""

from .connection import Connection
from .event_batch import EventBatch, TransientEvent
from .link import Link


def _topic(user_id: str) -> str:
    return f"user:{user_id}"


class UserConnections:
    """Subscribes to a user's topic while the user has a connection here."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.by_user: dict[str, set[Connection]] = {}

    def of(self, user_id: str) -> list[Connection]:
        return list(self.by_user.get(user_id, ()))

    def add(self, connection: Connection) -> None:
        connections = self.by_user.get(connection.user_id)
        if connections is None:
            connections = self.by_user[connection.user_id] = set()
            self._link.subscribe(_topic(connection.user_id))
        connections.add(connection)

    def remove(self, connection: Connection) -> None:
        connections = self.by_user.get(connection.user_id)
        if connections is None:
            return
        connections.discard(connection)
        if not connections:
            del self.by_user[connection.user_id]
            self._link.unsubscribe(_topic(connection.user_id))

    async def wait_reachable(self, user_id: str) -> None:
        """Return when the topic of a user with a connection here is subscribed to, or after the link's time-out."""
        if user_id in self.by_user and not self._link.is_ready(_topic(user_id)):
            await self._link.wait_subscribed(_topic(user_id))

    def publish(self, user_id: str, event: str, data: bytes) -> None:
        """Send an event that is in no log to the user's connections here, and to other processes; it may be lost."""
        self.deliver(user_id, event, data)
        self._link.publish(_topic(user_id), {"type": "user", "user": user_id, "event": event, "data": data})

    def publish_joined(self, room: str, user_ids: tuple[str, ...]) -> None:
        """Have other processes join these users' connections to a room; it may be lost (`membership_check`)."""
        for user_id in user_ids:
            self._link.publish(_topic(user_id), {"type": "joined", "room": room, "users": [user_id]})

    def deliver(self, user_id: str, event: str, data: bytes) -> None:
        batch = EventBatch([TransientEvent(event, data)])
        for connection in self.of(user_id):
            connection.deliver(_topic(user_id), batch)
