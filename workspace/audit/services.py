"""Exporting the audit log, which is an act itself."""

from collections.abc import AsyncIterator
from typing import Unpack

import orjson

from users.actor import Actor
from workspace.roles import require_administrator

from . import models
from .models import Filter
from .recording import record
from .selectors import Asked, to_filter

# So many acts of an export are in memory at a time.
_AT_ONCE = 500


async def export_acts(*, actor: Actor, **asked: Unpack[Asked]) -> AsyncIterator[bytes]:
    """Return the acts that `selectors.list_acts` would list as lines of JSON, the latest first, as they are read.

    The export is noted before the first of them. Raises `Forbidden` unless the actor is an administrator; what is read
    later may raise `Unavailable`, after which the export is not whole.
    """
    require_administrator(actor)
    which = to_filter(**asked)
    noted = {"act": which.act, "done_by": which.by, "about": which.about}
    await record("audit.export", by=actor, **noted, before=which.before, after=which.after)
    return _lines(which)


async def _lines(which: Filter) -> AsyncIterator[bytes]:
    start: str | None = None
    while True:
        page = await models.list_acts(which, start=start, limit=_AT_ONCE)
        if page.acts:
            yield b"".join(orjson.dumps(act.as_wire(), option=orjson.OPT_APPEND_NEWLINE) for act in page.acts)
        if page.end is None:
            return
        start = page.end
