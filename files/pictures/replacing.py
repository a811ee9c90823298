"""Puts a picture in the place of another: it is stored, then named by its owner, then the former one is deleted."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from files.images.processes import SmallPicture
from foundation.errors import Unavailable
from foundation.ids import new_id

from . import models
from .models import Owner

logger = logging.getLogger(__name__)

# Has the owner's picture be this one, None for none, and returns the id of the one before.
Assign = Callable[[str | None], Awaitable[str | None]]


async def replace(owner: Owner, pictures: Sequence[SmallPicture], assign: Assign) -> None:
    """Have these be the sizes of the owner's picture, or none; raises what `assign` does, and `Unavailable`."""
    picture_id = new_id("picture") if pictures else None
    if picture_id:
        await models.insert(picture_id, owner, pictures)
    try:
        former = await assign(picture_id)
    except BaseException as error:
        # After a write whose outcome is not known it may be the owner's: then the sweep decides.
        if picture_id and not isinstance(error, Unavailable):
            await _delete(picture_id)
        raise
    if former and former != picture_id:
        await _delete(former)


async def _delete(picture_id: str) -> None:
    try:
        await models.delete([picture_id])
    except Unavailable:
        # Nobody can see it any more, and `sweep_pictures` deletes it.
        logger.info("The picture %s is left to the sweep.", picture_id)
