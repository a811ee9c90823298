"""What users read is limited by its size, in KB: a page of long messages costs a hundred times one of short ones."""

from collections.abc import Iterable, Mapping
from typing import Any

from foundation.limits import bucket
from users.actor import Actor

_HISTORY, _BYTES_BESIDE_CONTENT = "history", 300
_BYTES_AN_ENTRY = 300


def require(actor: Actor) -> None:
    """Raise `RateLimited` while the actor owes for what they have read."""
    bucket.require(_HISTORY, actor.user_id)


def charge(actor: Actor, messages: Iterable[Mapping[str, Any]]) -> None:
    """Charge what was read: messages in wire form."""
    charge_bytes(actor, sum(len(message["content"]) + _BYTES_BESIDE_CONTENT for message in messages))


def charge_entries(actor: Actor, entries: int) -> None:
    """Charge what was looked through in a log, and not shown."""
    charge_bytes(actor, entries * _BYTES_AN_ENTRY)


def charge_bytes(actor: Actor, size: int) -> None:
    bucket.charge(_HISTORY, actor.user_id, size / 1000)
