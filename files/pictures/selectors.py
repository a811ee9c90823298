"""Reads of pictures; who may see somebody, sees their picture."""

from dataclasses import dataclass

from foundation.errors import NotFound
from users import selectors as users
from users.actor import Actor

from . import models


@dataclass(frozen=True, slots=True)
class PictureRef:
    """A picture in one of its sizes: `side` is in pixels."""

    id: str
    side: int

    @property
    def etag(self) -> str:
        return f'"{self.id}-{self.side}"'


async def get_picture(*, actor: Actor, user_id: str, side: int) -> PictureRef:
    """Return which picture a user has, by one strong read; raises `NotFound` if none is kept here, `Unavailable`."""
    user = await users.get_seen_user(actor=actor, user_id=user_id)
    if user.picture_id is None:
        raise NotFound
    return PictureRef(user.picture_id, side)


async def read_picture(*, picture: PictureRef) -> bytes:
    """Return the content, a WebP; raises `NotFound` if it was deleted meanwhile, `Unavailable`."""
    content = await models.read(picture.id, picture.side)
    if content is None:
        raise NotFound
    return content
