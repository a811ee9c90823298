"""An image's size is found in its first bytes, and no bytes make the finding fail."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.images import dimensions

pytestmark = pytest.mark.unit


def png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(header))


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(3)


def jpeg(width: int, height: int, before: int = 0) -> bytes:
    """`before`: the bytes of an APP1 segment that stands before the frame header, as a camera's thumbnail does."""
    app1 = b"\xff\xe1" + struct.pack(">H", before + 2) + bytes(before) if before else b""
    return b"\xff\xd8" + app1 + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03" + bytes(9)


def webp(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


@pytest.mark.parametrize("image", [png, gif, jpeg, webp])
def test_the_size_is_found(image: object) -> None:
    assert callable(image)
    assert dimensions(image(640, 480)) == (640, 480)


def test_a_thumbnail_before_the_frame_does_not_hide_it() -> None:
    assert dimensions(jpeg(4000, 3000, before=60_000)) == (4000, 3000)


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
def test_what_is_no_image_has_no_size(head: bytes) -> None:
    assert dimensions(head) is None


@given(st.sampled_from([png(9, 9), gif(9, 9), jpeg(9, 9, 50), webp(9, 9)]), st.binary(max_size=300), st.integers(3, 60))
def test_no_bytes_make_it_fail(image: bytes, tail: bytes, cut: int) -> None:
    found = dimensions(image[:cut] + tail)
    assert found is None or min(found) > 0
