"""Reads of the audit log on behalf of a caller. Each raises `Unavailable` while DynamoDB is down."""

from dataclasses import dataclass
from datetime import datetime

from foundation.cursors import encode_cursor
from foundation.ids import to_wire
from users.actor import Actor
from workspace.roles import require_administrator

from . import models
from .act import Act
from .models import Filter

PAGE, MAX_PAGE = 50, 200


@dataclass(frozen=True, slots=True)
class ActPage:
    """A page of acts, the latest first; it may be short, or empty, though there is a next one."""

    acts: list[Act]
    next_cursor: str | None


async def list_acts(
    *,
    actor: Actor,
    act: str | None = None,
    by: str | None = None,
    about: str | None = None,
    before: datetime | None = None,
    after: datetime | None = None,
    cursor: tuple[str, ...] | None = None,
    limit: int = PAGE,
) -> ActPage:
    """Return a page of the acts whose name begins with `act`, done by the user `by`, about the id `about`.

    They are those from `after` on until before `before`. `cursor` has the one part of the page before's `next_cursor`.
    Raises `Forbidden` unless the actor is an administrator.
    """
    require_administrator(actor)
    which = to_filter(act=act, by=by, about=about, before=before, after=after)
    page = await models.list_acts(which, start=cursor[0] if cursor else None, limit=limit)
    return ActPage(page.acts, encode_cursor(page.end) if page.end else None)


def to_filter(
    *,
    act: str | None = None,
    by: str | None = None,
    about: str | None = None,
    before: datetime | None = None,
    after: datetime | None = None,
) -> Filter:
    return Filter(act, by, about, to_wire(before) if before else None, to_wire(after) if after else None)
