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
# How many quotation marks and escapes, by the values that there may be: each has a name and a text, of two marks each.
_MARKS_A_VALUE = 4


def loads(data: str | bytes) -> Any:
    """Parse JSON; raises `ValueError` for what is not JSON, `NaN` and `Infinity` included, and for too many values."""
    if len(data) > _SMALL and _has_too_many_values(data):
        raise ValueError("too many values")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        if len(data) > _MAX_LENIENT:
            raise
        return _loads_leniently(data if isinstance(data, str) else data.decode())


def is_deeper_than(depth: int, value: Any) -> bool:
    """Return whether lists and objects lie in each other more than so deep."""
    level = [value]
    for _ in range(depth + 1):
        nested = [each for each in level if isinstance(each, dict | list)]
        if not nested:
            return False
        level = [inner for each in nested for inner in (each.values() if isinstance(each, dict) else each)]
    return True


def _has_too_many_values(data: str | bytes) -> bool:
    """Whether there are, by a tenth of parsing the worst of them; by half of it where texts may be why."""
    most = max(_MAX_VALUES, 2 * _max_content_length())
    encoded = data.encode(errors="replace") if isinstance(data, str) else data
    if _values(encoded) <= most:
        return False
    marks = _MARKS_A_VALUE * most
    if encoded.count(b"\\\\") + encoded.count(b'\\"') > marks:
        return True
    plain = encoded.replace(b"\\\\", b"").replace(b'\\"', b"")
    return plain.count(b'"') > marks or _values(b"".join(plain.split(b'"')[::2])) > most


def _values(encoded: bytes) -> int:
    """Return how many values there are at most, without a look at what is within texts."""
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
