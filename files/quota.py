"""How much a user, and all together, may store."""

import time

from django.conf import settings

from foundation.errors import TooLarge
from foundation.per_loop import PerLoop

from . import models

# What a file counts at least: its document is not free, though the file may be empty.
MIN_BYTES = 4096
# Seconds for which the bytes of all files are not counted again: the store's statistics cost as much as a small file.
_COUNT_INTERVAL = 10.0
# But each time while there is no space for so many files of the largest size.
_PLENTY = 100


class _Workspace:
    def __init__(self) -> None:
        self._stored, self._counted_at = 0, float("-inf")

    async def left(self) -> int:
        """Return how many bytes all together may still store."""
        left: int = settings.MAX_WORKSPACE_BYTES - self._stored
        now = time.monotonic()
        if left > _PLENTY * settings.MAX_FILE_BYTES and now - self._counted_at < _COUNT_INTERVAL:
            return left
        self._stored, self._counted_at = await models.count_stored_bytes(), now
        return int(settings.MAX_WORKSPACE_BYTES - self._stored)


_workspace = PerLoop(_Workspace)


async def require_space(user_id: str) -> int:
    """Return how many bytes the user may still store; raises `TooLarge` when there are none, `Unavailable`.

    Uploads at the same time do not see each other: together they may exceed a quota by what each still had.
    """
    free = settings.MAX_USER_BYTES - await models.count_bytes_of_user(user_id, at_least=MIN_BYTES)
    if free <= 0:
        raise TooLarge("Your files take up all the space that you have: delete some.")
    left = await _workspace().left()
    if left <= 0:
        raise TooLarge("The files here take up all the space that there is: ask who runs this server.")
    return int(min(free, left))
