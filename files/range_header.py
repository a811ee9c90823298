"""Parses the Range header of a download (RFC 9110, 14.1.2 and 14.2)."""

import re

# The standard allows ignoring anything else, several ranges included: the response is then the whole file.
_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range lies outside the file."""


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return (start, end) in bytes, `end` not included, or None for the whole file; raises `Unsatisfiable`."""
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None:
        return None
    first, last = match.groups()
    if not first:
        return _suffix(last, size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, min(int(last) + 1, size) if last else size


def _suffix(length: str, size: int) -> tuple[int, int] | None:
    """Return the range of `bytes=-<length>`: the last `length` bytes."""
    if not length:
        return None
    if int(length) == 0 or size == 0:
        raise Unsatisfiable
    return max(0, size - int(length)), size
