"""How often typing is published: once in TYPING_INTERVAL seconds for a user and group, and never in large groups.

That a user has stopped is published once after each time that typing was: more would be a way around the interval.
"""

import time
from collections import OrderedDict

from django.conf import settings

from groups import selectors as groups

_CACHE_SIZE = 20_000
_GROUP_SIZE_TTL = 60.0
# By user and group id: when typing was last published, and the id of the group or message where it is shown, if it is.
_published: OrderedDict[tuple[str, str], tuple[float, str | None]] = OrderedDict()
# By group id: whether it is too large, and when that was read.
_too_large: OrderedDict[str, tuple[bool, float]] = OrderedDict()


def should_publish_typing(user_id: str, group_id: str, parent_id: str | None, *, typing: bool) -> bool:
    """Return whether to publish that the user types, or (`typing` is False) has stopped; True counts as published."""
    key, target, now = (user_id, group_id), parent_id or group_id, time.monotonic()
    published_at, shown_in = _published.get(key, (float("-inf"), None))
    if now - published_at < settings.TYPING_INTERVAL if typing else target != shown_in:
        return False
    # Stopping keeps the time: starting again must not be published any sooner.
    _published[key] = (now, target) if typing else (published_at, None)
    if len(_published) > _CACHE_SIZE:
        _published.popitem(last=False)
    return True


async def is_too_large(group_id: str) -> bool:
    """Return whether the group has more than TYPING_MAX_MEMBERS members; cached for a minute."""
    too_large, read_at = _too_large.get(group_id, (False, float("-inf")))
    if time.monotonic() - read_at > _GROUP_SIZE_TTL:
        limit = settings.TYPING_MAX_MEMBERS
        too_large = await groups.count_members(group_id=group_id, limit=limit + 1) > limit
        _too_large[group_id] = (too_large, time.monotonic())
        if len(_too_large) > _CACHE_SIZE:
            _too_large.popitem(last=False)
    return too_large
