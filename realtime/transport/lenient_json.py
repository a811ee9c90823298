"""JSON as clients send it: half a surrogate pair is read too, so that the check of the field can refuse it."""

import json
from typing import Any

import orjson

from .encoded import RawPacket
from .errors import ProtocolError

# This parser is slow; the longest message fits, written in escapes of surrogates.
_MAX_LENIENT = 256 * 1024


def loads(data: RawPacket) -> Any:
    """Parse JSON; raises `ProtocolError` for what is not JSON, `NaN` and `Infinity` included."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if len(data) > _MAX_LENIENT:
            raise ProtocolError("not JSON") from error
        return _loads_leniently(data if isinstance(data, str) else data.decode(errors="replace"))


def _loads_leniently(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("not JSON") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
