"""Direct conversations: groups of exactly two, with an id made from the pair, which nobody joins or leaves."""

import hashlib

_PREFIX = "direct_"


def direct_id(one: str, other: str) -> str:
    """Return the id of the conversation of two users, in either order: it can be found without a look-up."""
    pair = "\n".join(sorted((one, other)))
    return _PREFIX + hashlib.sha256(pair.encode()).hexdigest()[:24]


def is_direct_id(group_id: str) -> bool:
    return group_id.startswith(_PREFIX)
