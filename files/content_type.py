"""The content type of a file: what its first bytes show, then what its uploader and its name say, if that fits."""

import mimetypes

import puremagic

from .kinds import is_text
from .sanitize import FALLBACK_TYPE

# Browsers and systems have several names for one type.
_ALIASES = {
    "application/mp4": "video/mp4",
    "application/ogg": "audio/ogg",
    "application/x-pdf": "application/pdf",
    "audio/m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
    "audio/opus": "audio/ogg",
    "audio/vnd.wave": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-aac": "audio/aac",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "image/heif": "image/heic",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "image/x-png": "image/png",
    "text/x-markdown": "text/markdown",
    "video/m4v": "video/mp4",
    "video/x-m4v": "video/mp4",
}
# What a container may hold: its first bytes are the same. The first is taken if nothing says otherwise.
_CONTAINERS: dict[bytes, tuple[str, ...]] = {
    b"PK\x03\x04": ("application/zip",),
    b"\x1aE\xdf\xa3": ("video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska"),
    b"OggS": ("audio/ogg", "video/ogg"),
}
_MP4_BRANDS: dict[bytes, tuple[str, ...]] = {
    b"M4A": ("audio/mp4",),
    b"M4B": ("audio/mp4",),
    b"qt ": ("video/quicktime",),
    b"avi": ("image/avif",),
    b"hei": ("image/heic",),
    b"hev": ("image/heic",),
    b"mif": ("image/heic", "image/avif"),
    b"msf": ("image/heic", "image/avif"),
}
# How sure the library is after three bytes of a signature; fewer are believed only if somebody says the same.
_SURE = 0.3
_LOOKED_AT = 8192
# A text has none of these: C0 controls but for white space, backspace, form feed and escape.
_CONTROLS = bytes(code for code in range(32) if code not in b"\b\t\n\f\r\x1b") + b"\x7f"
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def content_type_of(head: bytes, *, declared: str, name: str) -> str:
    """Return the type of a file with these first bytes.

    A type that content proves (an image, audio, video, PDF) is never taken from `declared` or `name` alone; of several
    that the content may be, theirs is chosen. Of any other type (archives, office documents) theirs is believed first.
    """
    claims = [_known_as(claim) for claim in (declared, mimetypes.guess_type(name)[0]) if claim]
    shows_text = looks_like_text(head)
    possible, is_sure = _types_in(head, shows_text=shows_text)
    for claim in claims:
        if claim in possible:
            return claim
    if is_sure and _is_proven(possible[0]):
        return possible[0]
    for claim in claims:
        if claim != FALLBACK_TYPE and not _is_proven(claim) and (shows_text or claim != "text/plain"):
            return claim
    if shows_text and head:
        return "text/plain"
    return possible[0] if is_sure else FALLBACK_TYPE


def looks_like_text(head: bytes) -> bool:
    """Return whether the bytes have no control characters, or begin with a mark of Unicode text."""
    return head.startswith(_BOMS) or head[:_LOOKED_AT].translate(None, _CONTROLS) == head[:_LOOKED_AT]


def _types_in(head: bytes, *, shows_text: bool) -> tuple[list[str], bool]:
    """Return the types that these bytes may be of, the likeliest first, and whether they are surely of one of them."""
    container = next((types for magic, types in _CONTAINERS.items() if head.startswith(magic)), None)
    if head[4:8] == b"ftyp":
        container = _MP4_BRANDS.get(head[8:11], ("video/mp4", "audio/mp4", "video/quicktime"))
    if container:
        return list(container), True
    if shows_text and not head.startswith(b"%PDF-"):
        return [], False
    try:
        matches = puremagic.magic_string(head[:_LOOKED_AT])
    # Untrusted bytes in a third-party parser; it raises for what it does not know, and for nothing.
    except Exception:
        return [], False
    best = max(match.confidence for match in matches)
    likeliest = [_known_as(match.mime_type) for match in matches if match.mime_type and match.confidence == best]
    return list(dict.fromkeys(likeliest)), bool(likeliest) and best >= _SURE


def _known_as(content_type: str) -> str:
    return _ALIASES.get(content_type, content_type)


def _is_proven(content_type: str) -> bool:
    return content_type.startswith(("image/", "audio/", "video/", "application/pdf")) and not is_text(content_type)
