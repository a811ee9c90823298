"""Links that make an account (of the owner, or by an invitation) or reset one, and their queries."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pynamodb.transactions import TransactWrite

from dynamodb import store
from dynamodb.link_conditions import may_be_used
from foundation.ids import iso_time

from .rows import LINK, LINKS, AccountRow

OWNER, INVITATION, RESET = "owner", "invitation", "reset"


@dataclass(frozen=True, slots=True)
class Link:
    """A link; `user_id` is who it is for, None for somebody new. Times are in seconds since 1970."""

    id: str
    kind: str
    digest: str
    user_id: str | None
    uses: int
    used: int
    created_by: str
    created_at: int
    expires_at: int
    note: str
    password_mark: str | None
    clears_second_factor: bool
    email: str | None = None
    # Of who joins by it; a member where it says none.
    role: str | None = None
    # Who has made it might not make it now: nobody joins by it meanwhile. Known of those that are listed.
    is_void: bool = False

    @property
    def is_usable(self) -> bool:
        return self.used < self.uses and self.expires_at > time.time()

    def as_wire(self) -> dict[str, Any]:
        """Return `{"id", "uses", "used", "createdBy", "createdAt", "expiresAt", "email"?, "note"?, "userId"?,
        "role"?, "void"?}`.
        """
        wire: dict[str, Any] = {
            "id": self.id,
            "uses": self.uses,
            "used": self.used,
            "createdBy": self.created_by,
            "createdAt": iso_time(self.created_at),
            "expiresAt": iso_time(self.expires_at),
        }
        if self.email:
            wire["email"] = self.email
        if self.note:
            wire["note"] = self.note
        if self.user_id:
            wire["userId"] = self.user_id
        if self.role:
            wire["role"] = self.role
        if self.is_void:
            wire["void"] = True
        return wire


async def put(link: Link) -> None:
    """Write a link, in place of one of the same id."""
    row = AccountRow(
        LINKS,
        f"{LINK}{link.id}",
        kind=link.kind,
        digest=link.digest,
        holder=link.user_id,
        uses=link.uses,
        used=link.used,
        created_by=link.created_by,
        created_at=link.created_at,
        expires_at=link.expires_at,
        note=link.note or None,
        password_mark=link.password_mark,
        clears_second_factor=link.clears_second_factor,
        email=link.email,
        role=link.role,
    )
    await store.call(row.save)


async def get(link_id: str) -> Link | None:
    def read() -> Link | None:
        try:
            return _link(AccountRow.get(LINKS, f"{LINK}{link_id}", consistent_read=True))
        except AccountRow.DoesNotExist:
            return None

    return await store.call(read)


async def list_invitations() -> list[Link]:
    """Return the invitations that may still be used, the latest first."""

    def query() -> list[AccountRow]:
        return list(AccountRow.query(LINKS, AccountRow.item.startswith(LINK), consistent_read=True))

    found = [_link(row) for row in await store.call(query)]
    usable = [link for link in found if link.kind == INVITATION and link.is_usable]
    return sorted(usable, key=lambda link: (link.created_at, link.id), reverse=True)


async def delete(link_id: str, *, kind: str) -> bool:
    """Delete a link; False if there is none of this kind."""
    row = AccountRow(LINKS, f"{LINK}{link_id}")
    try:
        await store.call(lambda: row.delete(AccountRow.kind == kind))
    except store.ConditionFailed:
        return False
    return True


async def delete_of(user_id: str) -> None:
    """Delete the links that a user has made, and those that are for them."""

    def delete_all() -> None:
        rows = AccountRow.query(
            LINKS,
            AccountRow.item.startswith(LINK),
            filter_condition=(AccountRow.created_by == user_id) | (AccountRow.holder == user_id),
            consistent_read=True,
        )
        with AccountRow.batch_write() as batch:
            for row in rows:
                batch.delete(row)

    await store.call(delete_all)


def use(link: Link, token: str) -> Callable[[TransactWrite], None]:
    """Return the write that counts a use of the link; it fails if the link is used up, over, or was replaced."""
    row = AccountRow(LINKS, f"{LINK}{link.id}")

    def write(transaction: TransactWrite) -> None:
        if link.uses == 1:
            transaction.delete(row, condition=may_be_used(AccountRow, token))
        else:
            transaction.update(row, actions=[AccountRow.used.add(1)], condition=may_be_used(AccountRow, token))

    return write


def _link(row: AccountRow) -> Link:
    return Link(
        id=row.item.removeprefix(LINK),
        kind=row.kind or "",
        digest=row.digest or "",
        user_id=row.holder,
        uses=int(row.uses or 0),
        used=int(row.used or 0),
        created_by=row.created_by or "",
        created_at=int(row.created_at or 0),
        expires_at=int(row.expires_at or 0),
        note=row.note or "",
        password_mark=row.password_mark,
        clears_second_factor=bool(row.clears_second_factor),
        email=row.email,
        role=row.role,
    )
