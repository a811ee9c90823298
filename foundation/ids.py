"""Ids: short, random, safe in URLs and in DynamoDB keys."""

import os
from datetime import UTC, datetime

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# Maps each random byte to a character. 256 is not a multiple of 62, so the last eight bytes would favour eight
# characters: they are dropped.
_CHARACTER_OF_BYTE = bytes(_ALPHABET[byte % 62] for byte in range(256))
_BIASED_BYTES = bytes(range(4 * 62, 256))


def new_id(prefix: str, length: int = 20) -> str:
    """Return `<prefix>_<length random base-62 characters>`; 20 characters carry 119 bits."""
    characters = b""
    while len(characters) < length:
        characters += os.urandom(2 * length).translate(_CHARACTER_OF_BYTE, _BIASED_BYTES)
    return f"{prefix}_{characters[:length].decode()}"


def message_id(group_id: str, seq: int) -> str:
    """Return `<groupId>.<seq>`: the id is the row's key, so a message is read by one `GetItem`."""
    return f"{group_id}.{seq}"


def parse_message_id(value: str) -> tuple[str, int] | None:
    """Return the group id and seq of a message id, or None if it is malformed."""
    group_id, dot, digits = value.rpartition(".")
    if not dot or not group_id or len(value) > 128:
        return None
    # str.isdigit accepts digits of every script; a seq is ASCII, without a leading zero, within DynamoDB's 38 digits.
    if not digits.isascii() or not digits.isdigit() or digits[0] == "0" or len(digits) > 15:
        return None
    return group_id, int(digits)


def now() -> str:
    """Return the current time in the format of the wire: ISO 8601, UTC, milliseconds, `Z`."""
    return _utc_text(datetime.now(UTC))


def to_wire(moment: datetime) -> str:
    """Return a time, which has a time zone, in the format of the wire; its order is that of time."""
    return _utc_text(moment.astimezone(UTC))


def _utc_text(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"


def iso_time(seconds: float) -> str:
    """Return a time in seconds since 1970 in the format of the wire."""
    return to_wire(datetime.fromtimestamp(seconds, UTC))
