"""Giving oneself a picture, and taking it away."""

import logging
from collections.abc import AsyncIterable
from datetime import UTC, datetime, timedelta

from django.conf import settings

from files.images.processes import ImageFailed, SmallPicture, Squares, image_processes
from foundation.errors import Invalid, TooLarge, Unavailable
from foundation.ids import new_id
from foundation.tasks import run_to_completion
from users import selectors as users
from users import services as user_services
from users.actor import Actor
from users.user import User
from workspace import models as workspace

from . import models

logger = logging.getLogger(__name__)

# In pixels: in a list, beside a message (twice as many for dense screens), and on a profile.
SIDES = (48, 96, 256)


async def set_picture(
    *, actor: Actor, pieces: AsyncIterable[bytes], size: int, square: tuple[int, int, int] | None = None
) -> User:
    """Have a picture of `size` bytes be the actor's, cut to a square, and return the user; the former one is deleted.

    `square` is (left, top, side) in pixels of the picture as it is seen, the largest one in the middle by default. What
    it is, its content says. Raises `Invalid` (`file`) for what is no picture that this server can make smaller,
    `TooLarge`, `Forbidden` where Clerk keeps pictures, `NotFound` if the user was removed, `Unavailable`.
    """
    if size > settings.MAX_PICTURE_BYTES:
        raise TooLarge(f"A picture may have up to {settings.MAX_PICTURE_BYTES} bytes.")
    # Before it is decoded, which is dear; decided once more when it is stored.
    await user_services.require_own_picture(actor=actor)
    pictures = await cut(pieces, size, square)
    return await run_to_completion(_replace(actor, pictures))


async def remove_picture(*, actor: Actor) -> User:
    """Take the actor's picture away and return the user; raises `Forbidden`, `NotFound` and `Unavailable` likewise."""
    return await run_to_completion(_replace(actor, []))


async def cut(pieces: AsyncIterable[bytes], size: int, square: tuple[int, int, int] | None) -> list[SmallPicture]:
    """Return a picture of `size` bytes in all `SIDES`; raises `Invalid` (`file`), `TooLarge`."""
    if size > settings.MAX_PICTURE_BYTES:
        raise TooLarge(f"A picture may have up to {settings.MAX_PICTURE_BYTES} bytes.")
    squares = Squares(SIDES, square or ())
    try:
        async with image_processes().process(pieces, size=size, squares=squares) as processed:
            pictures = processed.thumbnails
    except ImageFailed:
        logger.info("A picture was too much for its process.")
        pictures = []
    if len(pictures) < len(SIDES):
        sentence = "This is no picture that can be shown: send a JPEG, PNG, WebP, GIF or AVIF, not too large."
        raise Invalid(sentence, fields={"file": [sentence]})
    return pictures


async def _replace(actor: Actor, pictures: list[SmallPicture]) -> User:
    picture_id = new_id("picture") if pictures else None
    if picture_id:
        await models.insert(picture_id, actor.user_id, pictures)
    try:
        former = await user_services.set_picture(actor=actor, picture_id=picture_id)
    except BaseException as error:
        # After a write whose outcome is not known it may be the user's: then the sweep decides.
        if picture_id and not isinstance(error, Unavailable):
            await delete_one(picture_id)
        raise
    if former and former != picture_id:
        await delete_one(former)
    return await users.get_user(user_id=actor.user_id)


async def delete_one(picture_id: str) -> None:
    """Delete a picture that is nobody's any more, now or by the sweep."""
    try:
        await models.delete([picture_id])
    except Unavailable:
        # Nobody can see it any more, and `sweep_pictures` deletes it.
        logger.info("The picture %s is left to the sweep.", picture_id)


async def sweep_pictures(*, older_than: timedelta) -> int:
    """Delete the pictures that were stored so long ago and are nobody's; return how many there were."""
    swept, logo_id = 0, (await workspace.load()).logo_id
    async for owners in models.list_stored_before(datetime.now(UTC) - older_than):
        known = await users.get_users(user_ids=owners.values(), consistent=True)
        lost = [id_ for id_, user_id in owners.items() if user_id not in known or known[user_id].picture_id != id_]
        lost = [id_ for id_ in lost if id_ != logo_id]
        if lost:
            await models.delete(lost)
        swept += len(lost)
    return swept
