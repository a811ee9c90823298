"""The width and height of an image, from its first bytes."""

import logging
from io import BytesIO

import imagesize

logger = logging.getLogger(__name__)

# Cameras put a thumbnail and a colour profile before a JPEG's frame header.
HEAD_BYTES = 256 * 1024
# In pixels. A chat page reserves space by these numbers: an absurd size is an error or an attack.
MAX_SIDE = 100_000


def image_dimensions(head: bytes) -> tuple[int, int] | None:
    """Return (width, height) in pixels of a PNG, GIF, JPEG or WebP image, or None for any other or broken content."""
    if not is_image(head):
        return None
    try:
        width, height = imagesize.get(BytesIO(head))
    # Untrusted bytes in a third-party parser: whatever it raises, the upload goes on without a size.
    except Exception:
        logger.info("Could not read an image's dimensions.", exc_info=True)
        return None
    if 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE:
        return int(width), int(height)
    return None


def is_image(head: bytes) -> bool:
    """Return whether the content is of a supported type; for others the library would parse XML and fetch URLs."""
    return head.startswith((b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff")) or (
        head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    )
