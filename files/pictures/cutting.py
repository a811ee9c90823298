"""Makes of what somebody sends the squares that are shown."""

import logging
from collections.abc import AsyncIterable
from typing import NamedTuple

from django.conf import settings

from files.images.processes import ImageFailed, SmallPicture, Squares, image_processes
from foundation.errors import Invalid, TooLarge

logger = logging.getLogger(__name__)

# In pixels: in a list, beside a message (twice as many for dense screens), and on a profile.
SIDES = (48, 96, 256)


class SentPicture(NamedTuple):
    """A picture of `size` bytes as it comes.

    `square` is (left, top, side) in pixels of the picture as it is seen, the largest one in the middle by default.
    """

    pieces: AsyncIterable[bytes]
    size: int
    square: tuple[int, int, int] | None = None

    def require_size(self) -> None:
        """Raise `TooLarge` for more than MAX_PICTURE_BYTES."""
        if self.size > settings.MAX_PICTURE_BYTES:
            raise TooLarge(f"A picture may have up to {settings.MAX_PICTURE_BYTES} bytes.")


async def cut(sent: SentPicture) -> list[SmallPicture]:
    """Return the square in all SIDES; what it is, its content says.

    Raises `Invalid` (`file`) for what is no picture that this server can make smaller.
    """
    squares = Squares(SIDES, sent.square or ())
    try:
        async with image_processes().process(sent.pieces, size=sent.size, squares=squares) as processed:
            pictures = processed.thumbnails
    except ImageFailed:
        logger.info("A picture was too much for its process.")
        pictures = []
    if len(pictures) < len(SIDES):
        sentence = "This is no picture that can be shown: send a JPEG, PNG, WebP, GIF or AVIF, not too large."
        raise Invalid(sentence, fields={"file": [sentence]})
    return pictures
