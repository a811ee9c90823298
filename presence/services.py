"""The action on presence: a client reports whether its user is active."""

from foundation.limits import bucket
from realtime.hub.connection import Connection


async def set_presence(*, connection: Connection, status: str) -> None:
    """Set the status of one connection, "online" or "away"; it is published within PRESENCE_INTERVAL seconds.

    A user is away when all of their connections are; that is published after PRESENCE_GRACE seconds.
    Raises `RateLimited`.
    """
    bucket.draw("presence", connection.user_id)
    connection.state.status = status
