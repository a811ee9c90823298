"""Noting an act: a line in the log of the process at once, and a row in the audit log."""

import logging
from typing import Any

from foundation import origin
from foundation.ids import now
from users.actor import Actor

from .act import Act
from .queue import queue
from .refusals import is_refusal

logger = logging.getLogger("workspace.audit")

# Of what an act is about: ids are short, and of many the first are enough.
_MAX_LENGTH, _MAX_ITEMS = 200, 50
_MAX_NAME = 100


async def record(act: str, /, *, by: Actor | str, address: str | None = None, **about: Any) -> None:
    """Note an administrative act that has been done, such as `invitation.make`.

    `by` is the actor, or the user id of who did it, or `operator`, `clerk`, `nobody`. `about` has ids, numbers and
    flags, never a secret nor a name: the note outlives the removal of people. `address` is where it was asked from, by
    default that of the request. Acts whose name ends in `.refused` are counted for a minute. Raises nothing, and waits
    no longer than a second: while the store is away the note is stored later.
    """
    user_id = by.user_id if isinstance(by, Actor) else by
    given = {name: value for name, value in about.items() if value is not None}
    where = {"address": address} if address else {}
    logger.info("%s by=%s%s", act, user_id, "".join(f" {name}={value}" for name, value in {**given, **where}.items()))
    noted = Act(
        at=now(),
        act=act[:_MAX_NAME],
        by=user_id[:_MAX_LENGTH],
        about={_wire_name(name): _bounded(value) for name, value in given.items()},
        session=by.session_id if isinstance(by, Actor) else origin.session_of(user_id),
        address=address or origin.address(),
    )
    if is_refusal(act):
        queue().refusals.count(noted)
    else:
        await queue().add(noted)


def _wire_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _bounded(value: Any) -> Any:
    """Return what a row keeps of a value."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        ordered = sorted(map(str, value)) if isinstance(value, set | frozenset) else list(map(str, value))
        return [item[:_MAX_LENGTH] for item in ordered[:_MAX_ITEMS]]
    return str(value)[:_MAX_LENGTH]
