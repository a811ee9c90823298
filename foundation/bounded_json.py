"""JSON as clients send it: what would take long to parse is refused before it is.

Half a surrogate pair is read, so that the check of the field can refuse it.
"""

import json
from typing import Any

import orjson
from django.conf import settings

# Python's own parser is slow; the longest message fits, written in escapes of surrogates.
_MAX_LENIENT = 256 * 1024
# How many values may be in JSON of more bytes than this, counted before it is parsed: half a million zeros take 15 ms,
# and 300,000 empty lists 90. Twice as many as the longest message could have as its text.
_SMALL, _MAX_VALUES = 64 * 1024, 20_000
# Before each value but the first of its list or object is one of these, or else the value is nested.
_BEFORE_VALUES = b",[{"


def loads(data: str | bytes) -> Any:
    """Parse JSON; raises `ValueError` for what is not JSON, `NaN` and `Infinity` included, and for too many values."""
    if len(data) > _SMALL and _values(data) > max(_MAX_VALUES, 2 * _max_content_length()):
        raise ValueError("too many values")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        if len(data) > _MAX_LENIENT:
            raise
        return _loads_leniently(data if isinstance(data, str) else data.decode())


def _values(data: str | bytes) -> int:
    """Return how many values there are at most: one pass over the bytes, a tenth of parsing the worst of them."""
    encoded = data.encode(errors="replace") if isinstance(data, str) else data
    return len(encoded) - len(encoded.translate(None, _BEFORE_VALUES))


def _max_content_length() -> int:
    # An application of its own on `realtime/` need not have this setting.
    length: int = getattr(settings, "MAX_CONTENT_LENGTH", 0)
    return length


def _loads_leniently(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
