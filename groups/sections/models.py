"""A person's sections as one row of theirs, `sections`: all are written together, under a version."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dynamodb import store
from foundation.ids import now
from users.models import UserRow
from users.own_rows import get_own_rows

_ITEM = "sections"


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of the list of groups; `collapsed`: its groups are not shown until it is opened."""

    id: str
    name: str
    collapsed: bool = False

    def as_wire(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "collapsed": self.collapsed}


@dataclass(frozen=True, slots=True)
class Sections:
    """All sections of a person in their order; `version` counts the changes, 0: there never was one."""

    sections: tuple[Section, ...] = ()
    version: int = 0

    def as_wire(self) -> dict[str, Any]:
        """Return {sections: [{id, name, collapsed}], version}."""
        return {"sections": [section.as_wire() for section in self.sections], "version": self.version}


async def get(user_id: str) -> Sections:
    row = (await get_own_rows(user_id, _ITEM)).get(_ITEM)
    if row is None:
        return Sections()
    sections = tuple(Section(**section) for section in orjson.loads(row.content or "[]"))
    return Sections(sections, int(row.version or 0))


async def put(user_id: str, sections: Sequence[Section], *, version: int) -> Sections:
    """Replace the sections that have this version, and return the new ones; raises `ConditionFailed` for others."""
    row, new = UserRow(user_id, _ITEM), Sections(tuple(sections), version + 1)
    content = orjson.dumps([section.as_wire() for section in sections]).decode()
    actions: list[Any] = [
        UserRow.content.set(content),
        UserRow.version.set(new.version),
        UserRow.updated_at.set(now()),
    ]
    condition = UserRow.version == version if version else UserRow.version.does_not_exist()
    await store.call(lambda: row.update(actions=actions, condition=condition))
    return new
