"""What callers read of presence: from this process's memory, without a wait for Redis or the store."""

from collections.abc import Iterable

from .state import presence_state


async def statuses_of(*, user_ids: Iterable[str]) -> dict[str, str]:
    """Return each user's status: "online", "away" or "offline".

    Empty while this process does not know: before its first sync, and when Redis was away for PRESENCE_EXPIRY.
    """
    state = presence_state()
    return {user_id: state.status_of(user_id) for user_id in user_ids} if state.fresh else {}


def is_elsewhere(user_id: str) -> bool:
    """Return whether the user is connected to another process, as last known here."""
    return presence_state().is_elsewhere(user_id)


def rooms_of(*, user_id: str, most_users: int) -> list[str]:
    """Return rooms in which the user's presence is published to others: those with the fewest, `most_users` in all."""
    return presence_state().rooms_of(user_id, most_users=most_users)


def snapshot_of(*, rooms: Iterable[str]) -> dict[str, str]:
    """Return a dict of user id to status ("online" or "away") for the rooms' users that are not offline, as published.

    At most `state.MAX_SNAPSHOT` users, those of the smallest rooms first.
    """
    return presence_state().snapshot(rooms)
