"""How often typing is told: once in a few seconds a user and group, and not where nobody could read it anyway."""

import time
from collections import OrderedDict

from django.conf import settings

from groups import selectors as groups

_MAX_REMEMBERED = 20_000
_SIZE_KNOWN_SECONDS = 60.0
_told: OrderedDict[tuple[str, str], float] = OrderedDict()
_large: OrderedDict[str, tuple[bool, float]] = OrderedDict()


def may_tell_again(user_id: str, group_id: str) -> bool:
    """Say whether enough time has passed since the user's typing in this group was last told."""
    key, present = (user_id, group_id), time.monotonic()
    if present - _told.get(key, float("-inf")) < settings.TYPING_INTERVAL:
        return False
    _told[key] = present
    if len(_told) > _MAX_REMEMBERED:
        _told.popitem(last=False)
    return True


async def is_large(group_id: str) -> bool:
    """Say whether the group has more members than typing is told to; known for a minute, it grants nothing."""
    large, at = _large.get(group_id, (False, float("-inf")))
    if time.monotonic() - at > _SIZE_KNOWN_SECONDS:
        most = settings.TYPING_MAX_MEMBERS
        large = await groups.member_count_up_to(group_id=group_id, limit=most + 1) > most
        _large[group_id] = (large, time.monotonic())
        if len(_large) > _MAX_REMEMBERED:
            _large.popitem(last=False)
    return large
