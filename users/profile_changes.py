"""Tells of a profile that has changed: the user's own connections, and apps above, which know who else sees it."""

import logging
from collections.abc import Callable

from . import user_cache
from .events import UserUpdated
from .updates import user_updates
from .user import User

logger = logging.getLogger(__name__)

_listeners: list[Callable[[User], None]] = []


def listen(listener: Callable[[User], None]) -> None:
    """Call back, on the event loop, with each user whose profile this process has changed."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(user: User) -> None:
    """Tell everybody of the user as they are now; the change is made, so that none of them may fail it."""
    user_cache.put(user)
    # Who was removed has no connections, and no rows that a revision would belong to.
    if not user.is_removed:
        user_updates().tell(user.id, UserUpdated.PROFILE, {"user": user.as_wire()})
    for listener in _listeners:
        try:
            listener(user)
        except Exception:
            logger.exception("a change of a profile could not be told")
