"""How often typing is told: once in a few seconds a user and group, and not where nobody could read it anyway.

That it has stopped is told once after each time; more often it would be a way around the pace.
"""

import time
from collections import OrderedDict

from django.conf import settings

from groups import selectors as groups

_MAX_REMEMBERED = 20_000
_SIZE_KNOWN_SECONDS = 60.0
# Of a user and group: when typing was last told, and where (the group or a message) it goes on as far as was told.
_sent: OrderedDict[tuple[str, str], tuple[float, str | None]] = OrderedDict()
_large: OrderedDict[str, tuple[bool, float]] = OrderedDict()


def should_send(user_id: str, group_id: str, parent_id: str | None, *, typing: bool) -> bool:
    """Say whether the others may be told: of typing now and then, and once after it, that it has stopped there."""
    key, place, present = (user_id, group_id), parent_id or group_id, time.monotonic()
    at, going_on = _sent.get(key, (float("-inf"), None))
    if present - at < settings.TYPING_INTERVAL if typing else place != going_on:
        return False
    # Stopping does not touch the time: whoever begins again is told of no sooner.
    _sent[key] = (present, place) if typing else (at, None)
    if len(_sent) > _MAX_REMEMBERED:
        _sent.popitem(last=False)
    return True


async def is_large(group_id: str) -> bool:
    """Say whether the group has more members than typing is told to; known for a minute, it grants nothing."""
    large, at = _large.get(group_id, (False, float("-inf")))
    if time.monotonic() - at > _SIZE_KNOWN_SECONDS:
        most = settings.TYPING_MAX_MEMBERS
        large = await groups.count_members(group_id=group_id, limit=most + 1) > most
        _large[group_id] = (large, time.monotonic())
        if len(_large) > _MAX_REMEMBERED:
            _large.popitem(last=False)
    return large
