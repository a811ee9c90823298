"""Names for new things: short, random, safe in URLs and in DynamoDB keys."""

import os
from datetime import UTC, datetime

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# A random byte gives one character; the last few bytes would favour some characters, and are thrown away.
_CHARACTER_OF = bytes(_ALPHABET[byte % 62] for byte in range(256))
_UNFAIR = bytes(range(4 * 62, 256))


def new_id(prefix: str, length: int = 20) -> str:
    """Return `<prefix>_<length random base-62 characters>`; 20 characters carry 119 bits."""
    characters = b""
    while len(characters) < length:
        characters += os.urandom(2 * length).translate(_CHARACTER_OF, _UNFAIR)
    return f"{prefix}_{characters[:length].decode()}"


def message_id(group_id: str, seq: int) -> str:
    """Return the id of the message at `seq`: it says where the row lies, so a message is one `GetItem`."""
    return f"{group_id}.{seq}"


def parse_message_id(value: str) -> tuple[str, int] | None:
    """Split a message id into group id and seq, or None when it cannot be one."""
    group_id, dot, digits = value.rpartition(".")
    if not dot or not group_id or len(value) > 128:
        return None
    # str.isdigit takes digits of every script; a seq is ASCII, without a leading zero, within DynamoDB's 38 digits.
    if not digits.isascii() or not digits.isdigit() or digits[0] == "0" or len(digits) > 15:
        return None
    return group_id, int(digits)


def now() -> str:
    """Return the present as the wire writes it: ISO 8601, UTC, milliseconds, `Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
