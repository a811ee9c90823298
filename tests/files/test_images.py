"""An image's dimensions are read from its first bytes, and no bytes make that fail."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.images.dimensions import image_dimensions

pytestmark = pytest.mark.unit


def png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(header))


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(3)


def jpeg(width: int, height: int, before: int = 0) -> bytes:
    """Return a JPEG with an APP1 segment of `before` bytes before the frame header, where cameras put a thumbnail."""
    app1 = b"\xff\xe1" + struct.pack(">H", before + 2) + bytes(before) if before else b""
    return b"\xff\xd8" + app1 + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03" + bytes(9)


def webp(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


@pytest.mark.parametrize("image", [png, gif, jpeg, webp])
def test_the_dimensions_are_read(image: object) -> None:
    assert callable(image)
    assert image_dimensions(image(640, 480)) == (640, 480)


def test_a_thumbnail_before_the_frame_header_is_skipped() -> None:
    assert image_dimensions(jpeg(4000, 3000, before=60_000)) == (4000, 3000)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"hello",
        png(640, 480)[:12],
        b"\xff\xd8\xff",
        b"\xff\xd8" + b"\xff" * 5000,
        png(0, 10),
        png(2**31, 2**31),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>',
        b"II*\x00" + bytes(100),
    ],
    ids=lambda head: repr(head[:12]),
)
def test_other_content_has_no_dimensions(head: bytes) -> None:
    assert image_dimensions(head) is None


@given(st.sampled_from([png(9, 9), gif(9, 9), jpeg(9, 9, 50), webp(9, 9)]), st.binary(max_size=300), st.integers(3, 60))
def test_no_bytes_make_it_raise(image: bytes, tail: bytes, cut: int) -> None:
    size = image_dimensions(image[:cut] + tail)
    assert size is None or min(size) > 0
