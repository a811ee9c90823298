"""The actions on presence: a client reports whether its user is active; and who sees a user, sees their new profile."""

import orjson

from foundation.limits import bucket
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub
from users.user import User

from .events import ProfileChanged
from .selectors import rooms_of

# How many people one changed profile is told to at most: a person may change it every two seconds.
MOST_TOLD = 1000


async def set_presence(*, connection: Connection, status: str) -> None:
    """Set the status of one connection, "online" or "away"; it is published within PRESENCE_INTERVAL seconds.

    A user is away when all of their connections are; that is published after PRESENCE_GRACE seconds.
    Raises `RateLimited`.
    """
    bucket.draw("presence", connection.user_id)
    connection.state.status = status


def publish_profile(user: User) -> None:
    """Tell those who share a group with a user, and are connected, of the user's new profile.

    As presence, it may be lost, and goes to groups of up to PRESENCE_MAX_MEMBERS members, while the user is connected:
    the rooms are those that this process knows the user to be in, the smallest first, with `MOST_TOLD` people in all.
    Nothing is read. Others see it when they next read the user.
    """
    event = ProfileChanged(user.as_wire())
    data = orjson.dumps(event.data())
    for room in rooms_of(user_id=user.id, most_users=MOST_TOLD):
        # Everybody may see a profile, so that a room which is behind its log gets it too.
        get_hub().broadcast_transient(room, event.name, data, sender=user.id, at=0)
