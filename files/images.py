"""How wide and high an image is, from its first bytes."""

import logging
from io import BytesIO

import imagesize

logger = logging.getLogger(__name__)

# Enough for the thumbnail and the colour profile that cameras put before a JPEG's frame header.
HEAD_BYTES = 256 * 1024
# A chat page reserves room by these numbers: what no screen could show is a lie or an attack.
MAX_SIDE = 100_000


def dimensions(head: bytes) -> tuple[int, int] | None:
    """Return (width, height) of a PNG, GIF, JPEG or WebP image, None for anything else or anything broken."""
    if not _is_known(head):
        return None
    try:
        width, height = imagesize.get(BytesIO(head))
    # The bytes are a stranger's and the parser is not ours: whatever it raises, the upload goes on without a size.
    except Exception:
        logger.info("An image's size could not be read.", exc_info=True)
        return None
    if 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE:
        return int(width), int(height)
    return None


def _is_known(head: bytes) -> bool:
    """By the content, not by the name, and only these: the library would parse XML and fetch addresses for others."""
    return head.startswith((b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff")) or (
        head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    )
