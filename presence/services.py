"""What changes presence: a client says whether its user is at it."""

from realtime.hub.connection import Connection


async def set_presence(*, connection: Connection, status: str) -> None:
    """Set the status of one connection, "online" or "away"; it is published within PRESENCE_INTERVAL.

    A user is away when all of their connections are, and that is published after PRESENCE_GRACE.
    """
    connection.state.status = status
