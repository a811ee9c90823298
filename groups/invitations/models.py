"""Links by which people join a group, and their queries: the items `invitation#<id>` of the group's partition."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pynamodb.transactions import TransactWrite

from dynamodb import store
from dynamodb.link_conditions import may_be_used
from foundation.ids import iso_time
from groups import models
from groups.rows import GroupRow

_PREFIX = "invitation#"
# Of a token: what stands between the ids of the group and of the link, neither of which has one.
_BETWEEN = "~"


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a group; `created_by` is a user id, `created_at` an ISO time, `expires_at` in seconds since 1970."""

    group_id: str
    id: str
    digest: str
    uses: int
    used: int
    created_by: str
    created_at: str
    expires_at: int
    note: str = ""
    # Who has made it might not make it now: nobody joins by it meanwhile. Known of those that are listed.
    is_void: bool = False

    @property
    def is_usable(self) -> bool:
        return self.used < self.uses and self.expires_at > time.time()

    @property
    def token_id(self) -> str:
        """The id of its tokens, which names the group too: so a token leads to the row."""
        return f"{self.group_id}{_BETWEEN}{self.id}"

    def as_wire(self) -> dict[str, Any]:
        """Return {id, groupId, uses, used, createdBy, createdAt, expiresAt, note?, void?}: not the token."""
        wire: dict[str, Any] = {
            "id": self.id,
            "groupId": self.group_id,
            "uses": self.uses,
            "used": self.used,
            "createdBy": self.created_by,
            "createdAt": self.created_at,
            "expiresAt": iso_time(self.expires_at),
        }
        void = {"void": True} if self.is_void else {}
        return {**wire, **({"note": self.note} if self.note else {}), **void}


def key_of(token_id: str) -> tuple[str, str] | None:
    """Return the ids of the group and of the link that a token's id names, None if it names none."""
    group_id, between, link_id = token_id.partition(_BETWEEN)
    return (group_id, link_id) if between and group_id and link_id else None


async def put(link: Link) -> None:
    row = GroupRow(
        link.group_id,
        f"{_PREFIX}{link.id}",
        digest=link.digest,
        uses=link.uses,
        used=link.used,
        created_by=link.created_by,
        created_at=link.created_at,
        expires_at=link.expires_at,
        note=link.note or None,
    )
    await store.call(row.save)


async def get(group_id: str, link_id: str) -> Link | None:
    row = await models.get_row(group_id, f"{_PREFIX}{link_id}")
    return _link(row) if row else None


async def list_all(group_id: str) -> list[Link]:
    """Return the group's links, the latest first, those that are over too."""

    def query() -> list[GroupRow]:
        return list(GroupRow.query(group_id, GroupRow.item.startswith(_PREFIX), consistent_read=True))

    found = map(_link, await store.call(query))
    return sorted(found, key=lambda link: (link.created_at, link.id), reverse=True)


async def delete(group_id: str, link_id: str) -> bool:
    """Delete a link; False if there is none."""
    row = GroupRow(group_id, f"{_PREFIX}{link_id}")
    try:
        await store.call(lambda: row.delete(GroupRow.digest.exists()))
    except store.ConditionFailed:
        return False
    return True


def use(link: Link, token: str) -> Callable[[TransactWrite], None]:
    """Return the write that counts a use of the link; it fails if the link is used up, over or revoked."""
    row = GroupRow(link.group_id, f"{_PREFIX}{link.id}")

    def write(transaction: TransactWrite) -> None:
        transaction.update(row, actions=[GroupRow.used.add(1)], condition=may_be_used(GroupRow, token))

    return write


def _link(row: GroupRow) -> Link:
    return Link(
        group_id=row.group_id,
        id=row.item.removeprefix(_PREFIX),
        digest=row.digest or "",
        uses=int(row.uses or 0),
        used=int(row.used or 0),
        created_by=row.created_by or "",
        created_at=row.created_at or "",
        expires_at=int(row.expires_at or 0),
        note=row.note or "",
    )
