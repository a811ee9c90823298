"""What users read is limited by its size, in KB: a page of long messages costs a hundred times one of short ones."""

from collections.abc import Iterable

from foundation.limits import bucket
from users.actor import Actor

_HISTORY, _BYTES_BESIDE_CONTENT = "history", 300


def require(actor: Actor) -> None:
    """Raise `RateLimited` while the actor owes for what they have read."""
    bucket.require(_HISTORY, actor.user_id)


def charge(actor: Actor, characters: Iterable[int]) -> None:
    """Charge what was read: texts of so many characters each."""
    charge_bytes(actor, sum(length + _BYTES_BESIDE_CONTENT for length in characters))


def charge_bytes(actor: Actor, size: int) -> None:
    bucket.charge(_HISTORY, actor.user_id, size / 1000)
