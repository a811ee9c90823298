"""Cursors: where the next page of a list begins. Clients pass them back as they are."""

from . import base64url

# DynamoDB's keys have at most 1,024 bytes, and the pages are read by keys.
MAX_BYTES = 1_000
_SEPARATOR = "\0"


def encode_cursor(*parts: str) -> str:
    """Return a cursor of these parts, which have no NUL: URL-safe base64 without padding."""
    return base64url.encode(_SEPARATOR.join(parts).encode())


def decode_cursor(cursor: str, count: int) -> tuple[str, ...]:
    """Return the `count` parts of a cursor; raises `ValueError` for what `encode_cursor` cannot have returned."""
    raw = base64url.decode(cursor)
    parts = tuple(raw.decode().split(_SEPARATOR))
    if len(raw) > MAX_BYTES or len(parts) != count or not all(parts):
        raise ValueError("not a cursor of this list")
    return parts
