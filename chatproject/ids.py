"""Names for new things: short, random, safe in URLs and in DynamoDB keys."""

import secrets
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_id(prefix: str, length: int = 20) -> str:
    """Return `<prefix>_<length random base-62 characters>`; 20 characters carry 119 bits."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


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
