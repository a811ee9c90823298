"""How much a user, and all together, may store."""

from django.conf import settings

from foundation.errors import TooLarge

from . import models
from .pending import count_pending_bytes_of_user

# What a file counts at least: its document is not free, though the file may be empty.
MIN_BYTES = 4096


async def require_space(user_id: str) -> int:
    """Return how many bytes the user may still store; raises `TooLarge` when there are none, `Unavailable`.

    Uploads at the same time do not see each other: together they may exceed a quota by what each still had.
    """
    stored = await models.count_bytes_of_user(user_id, at_least=MIN_BYTES)
    coming = await count_pending_bytes_of_user(user_id, at_least=MIN_BYTES)
    free = settings.MAX_USER_BYTES - stored - coming
    if free <= 0:
        raise TooLarge("Your files take up all the space that you have: delete some.")
    left = settings.MAX_WORKSPACE_BYTES - await models.count_stored_bytes()
    if left <= 0:
        raise TooLarge("The files here take up all the space that there is: ask who runs this server.")
    return int(min(free, left))
