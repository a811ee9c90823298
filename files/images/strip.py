"""Removes what cameras and editors write into an image beside its picture, without decoding it: EXIF, XMP, IPTC, texts.

Colour profiles, animations and transparency stay, and the picture's own bytes are not touched. What follows the end of
an image goes: phones append films and further pictures there, with metadata of their own.
"""

import re
import struct
from collections.abc import Callable, Iterator

Pieces = Iterator[bytes]


class Malformed(Exception):
    """The content is not built as its format says."""


def without_metadata(content: bytes, image_format: str) -> bytes:
    """Return an image of this format (`JPEG`, `PNG`, `WEBP` or `GIF`) without metadata; raises `Malformed`."""
    try:
        return b"".join(_STRIPPERS[image_format](content))
    except (IndexError, KeyError, struct.error) as error:
        raise Malformed from error


# --- JPEG: ITU-T T.81, annex B ---------------------------------------------------------------------------------------
_SCAN, _END, _COMMENT = 0xDA, 0xD9, 0xFE
_STANDALONE = frozenset((0x01, 0xD8, *range(0xD0, 0xD8)))
# Of the application segments these alone change how the picture looks.
_KEPT_SEGMENTS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
# In the data of a scan a 0xFF is followed by 0, or is a restart marker.
_MARKER_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _jpeg(content: bytes) -> Pieces:
    position = 0
    while position < len(content):
        if content[position] != 0xFF:
            raise Malformed
        marker = content[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        if marker == _END:
            yield b"\xff\xd9"
            return
        end = position + 2 if marker in _STANDALONE else position + 2 + _jpeg_length(content, position + 2)
        if marker == _SCAN:
            following = _MARKER_AFTER_SCAN.search(content, end)
            end = following.start() if following else len(content)
        segment = content[position:end]
        if _is_kept(marker, segment):
            yield segment
        position = end


def _jpeg_length(content: bytes, position: int) -> int:
    (length,) = struct.unpack_from(">H", content, position)
    if length < 2:
        raise Malformed
    return int(length)


def _is_kept(marker: int, segment: bytes) -> bool:
    if 0xE0 <= marker <= 0xEF:
        return marker in _KEPT_SEGMENTS and segment.startswith(_KEPT_SEGMENTS[marker], 4)
    return marker != _COMMENT


# --- PNG: https://www.w3.org/TR/png-3/ -------------------------------------------------------------------------------
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs hIST sPLT acTL fcTL fdAT".split()
)


def _png(content: bytes) -> Pieces:
    if not content.startswith(_PNG_SIGNATURE):
        raise Malformed
    yield _PNG_SIGNATURE
    position = len(_PNG_SIGNATURE)
    while position < len(content):
        length, name = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        if name in _KEPT_CHUNKS:
            yield content[position:end]
        if name == b"IEND":
            return
        position = end


# --- WebP: https://developers.google.com/speed/webp/docs/riff_container ----------------------------------------------
_KEPT_RIFF = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
# The bits of a VP8X chunk that say that there is EXIF or XMP.
_METADATA_FLAGS = 0x08 | 0x04


def _webp(content: bytes) -> Pieces:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise Malformed
    (size,) = struct.unpack_from("<I", content, 4)
    body = b"".join(_webp_chunks(content[12 : 8 + size]))
    yield b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_chunks(body: bytes) -> Pieces:
    position = 0
    while position < len(body):
        name, length = struct.unpack_from("<4sI", body, position)
        end = position + 8 + length + length % 2
        chunk = body[position:end]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_METADATA_FLAGS]) + chunk[9:]
        if name in _KEPT_RIFF:
            yield chunk
        position = end


# --- GIF: https://www.w3.org/Graphics/GIF/spec-gif89a.txt ------------------------------------------------------------
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_PLAIN_TEXT, _GRAPHIC_CONTROL, _APPLICATION = 0x01, 0xF9, 0xFF
_KEPT_APPLICATIONS = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")


def _gif(content: bytes) -> Pieces:
    position = 13 + _colour_table(content[10])
    yield content[:position]
    while position < len(content):
        kind = content[position]
        if kind == _TRAILER:
            yield content[position : position + 1]
            return
        if kind == _EXTENSION:
            end = _after_blocks(content, position + 2)
            label = content[position + 1]
            application = content[position + 3 : position + 14]
            if label in (_PLAIN_TEXT, _GRAPHIC_CONTROL) or (
                label == _APPLICATION and application in _KEPT_APPLICATIONS
            ):
                yield content[position:end]
        elif kind == _IMAGE:
            end = _after_blocks(content, position + 11 + _colour_table(content[position + 9]))
            yield content[position:end]
        else:
            raise Malformed
        position = end


def _colour_table(flags: int) -> int:
    """Return the bytes of the colour table that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(content: bytes, position: int) -> int:
    while length := content[position]:
        position += 1 + length
    return position + 1


_STRIPPERS: dict[str, Callable[[bytes], Pieces]] = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp, "GIF": _gif}
