"""Reads of the audit log on behalf of a caller. Each raises `Unavailable` while DynamoDB is down."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from foundation.cursors import encode_cursor
from foundation.ids import to_wire
from users.actor import Actor
from workspace.roles import require_administrator

from . import models
from .act import Act
from .models import Filter

PAGE, MAX_PAGE = 50, 200


class Asked(TypedDict, total=False):
    """Acts whose name begins with `act`, by the user `by`, about the id `about`, from `after` on until `before`."""

    act: str | None
    by: str | None
    about: str | None
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class ActPage:
    """A page of acts, the latest first; it may be short, or empty, though there is a next one."""

    acts: list[Act]
    next_cursor: str | None


async def list_acts(
    *, actor: Actor, cursor: tuple[str, ...] | None = None, limit: int = PAGE, **which: Unpack[Asked]
) -> ActPage:
    """Return a page of the acts that are asked for. `cursor` has the one part of the page before's `next_cursor`.

    Raises `Forbidden` unless the actor is an administrator.
    """
    require_administrator(actor)
    page = await models.list_acts(to_filter(**which), start=cursor[0] if cursor else None, limit=limit)
    return ActPage(page.acts, encode_cursor(page.end) if page.end else None)


def to_filter(**which: Unpack[Asked]) -> Filter:
    before, after = [to_wire(time) if time else None for time in (which.get("before"), which.get("after"))]
    return Filter(which.get("act"), which.get("by"), which.get("about"), before, after)
