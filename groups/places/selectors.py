"""The directory of public groups."""

from dataclasses import dataclass
from typing import Any

from foundation.cursors import encode_cursor
from groups import models
from groups.access import require_discoverer
from groups.models import Group
from users.actor import Actor

from . import listing

# Of each group a page reads two rows, and one request takes a hundred.
SHOWN, MAX_SHOWN = 20, 50


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """A public group, and whether the actor is in it."""

    group: Group
    joined: bool

    def as_wire(self) -> dict[str, Any]:
        count = {} if self.group.member_count is None else {"memberCount": self.group.member_count}
        return {**self.group.as_wire(), **count, "joined": self.joined}


@dataclass(frozen=True, slots=True)
class Directory:
    """A page of the public groups; `next_cursor` is what the next page follows, None when this one is the last."""

    groups: list[FoundGroup]
    next_cursor: str | None

    def as_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"groups": [found.as_wire() for found in self.groups]}
        return {**wire, "nextCursor": self.next_cursor} if self.next_cursor else wire


async def find_groups(
    *, actor: Actor, query: str = "", limit: int = SHOWN, cursor: tuple[str, ...] | None = None
) -> Directory:
    """Return a page of the public groups whose name, or a word of it on, begins with `query` (`users.folding`).

    Each is there once, in the order of what was found; without a query all, by their names. A page has `limit` groups,
    MAX_SHOWN at most, or fewer where some have just been changed. Raises `Forbidden` for who may not discover groups.
    """
    require_discoverer(actor)
    listed = await listing.find(query, limit=limit, after=cursor[0] if cursor else None)
    keys = [key for id_ in listed.group_ids for key in ((id_, "group"), (id_, models.member_item(actor.user_id)))]
    rows = {(row.group_id, row.item): row for row in await models.get_rows(keys)}
    groups = [models.to_group(rows[id_, "group"]) for id_ in listed.group_ids if (id_, "group") in rows]
    found = [
        FoundGroup(group, (group.id, models.member_item(actor.user_id)) in rows) for group in groups if group.is_listed
    ]
    return Directory(found, encode_cursor(listed.last_item) if listed.last_item else None)
