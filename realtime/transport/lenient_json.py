"""JSON as clients send it: half a surrogate pair is read too, so that the check of the field can refuse it."""

import json
from typing import Any

import orjson

from .encoded import RawPacket
from .errors import ProtocolError

# This parser is slow; the longest message fits, written in escapes of surrogates.
_MAX_LENIENT = 256 * 1024
# How many lists and objects a packet of more bytes than this may have, counted before it is parsed: 300,000 empty lists
# take 90 ms. Twice as many as the longest message could have as its text.
_SMALL, _MAX_BRACKETS = 64 * 1024, 20_000


def loads(data: RawPacket) -> Any:
    """Parse JSON; raises `ProtocolError` for what is not JSON, `NaN` and `Infinity` included."""
    if len(data) > _SMALL and _brackets(data) > _MAX_BRACKETS:
        raise ProtocolError("too many lists and objects")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if len(data) > _MAX_LENIENT:
            raise ProtocolError("not JSON") from error
        return _loads_leniently(data if isinstance(data, str) else data.decode(errors="replace"))


def _brackets(data: RawPacket) -> int:
    if isinstance(data, str):
        return data.count("[") + data.count("{")
    return data.count(b"[") + data.count(b"{")


def _loads_leniently(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("not JSON") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
