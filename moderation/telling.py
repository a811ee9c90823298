"""Tells administrators' connections how many cases are open; not of those that are about themselves."""

import logging

from foundation.errors import Unavailable
from users import selectors as users
from users.events import UserUpdated
from users.updates import user_updates
from workspace.selectors import administrator_ids

from . import models
from .case import OPEN

logger = logging.getLogger(__name__)


async def count_open(user_id: str) -> int:
    """Return how many open cases an administrator may decide, up to `MAX_COUNTED`."""
    return len(await models.list_listed(OPEN, limit=models.MAX_COUNTED, besides=user_id))


async def tell_administrators(subject_id: str) -> None:
    """Tell how many are open now, but not the one whom the case that has changed is about: it would be news of it.

    Raises nothing: who looks at the queue sees them all the same.
    """
    try:
        opened = await models.list_listed(OPEN, limit=models.MAX_COUNTED)
        # ADMINS may name somebody who was never here.
        known = await users.get_users(user_ids=await administrator_ids())
    except Unavailable:
        logger.info("administrators could not be told of the open cases")
        return
    for user_id in known.keys() - {subject_id}:
        count = sum(one.subject_id != user_id for one in opened)
        user_updates().tell(user_id, UserUpdated.REPORTS, {"open": count})
