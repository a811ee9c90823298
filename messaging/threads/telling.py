"""Tells people's own connections of the threads that they follow."""

from collections.abc import Iterable

from foundation.ids import message_id
from users.events import UserUpdated
from users.updates import user_updates

from .rows import ThreadKey


def tell_following(key: ThreadKey, *, following: bool) -> None:
    """Tell a person's connections that they follow a thread now, or no longer."""
    _tell(key, {"following": following})


def tell_replies(keys: Iterable[ThreadKey], replies: int) -> None:
    """Tell people who follow a thread that it has so many replies now."""
    for key in keys:
        _tell(key, {"following": True, "replyCount": replies})


def _tell(key: ThreadKey, change: dict[str, bool | int]) -> None:
    where = {"groupId": key.group_id, "parentId": message_id(key.group_id, key.root_seq)}
    user_updates().tell(key.user_id, UserUpdated.THREAD, {**where, **change})
