"""What the provider says of whoever has still to prove a second factor: kept until they have, or for five minutes."""

import time
from dataclasses import dataclass

from django.conf import settings

from dynamodb import store

from .oidc.configuration import is_configured
from .provided_sessions import Origin
from .rows import TOLD, AccountRow

SECONDS = 300


@dataclass(frozen=True, slots=True)
class Told:
    """`groups` are those of its names that the settings know, None if it did not say; `origin` its own session.

    `names_groups` says that there was a claim of groups.
    """

    groups: frozenset[str] | None
    origin: Origin | None = None
    names_groups: bool = True


async def keep(user_id: str, told: Told) -> None:
    """Keep what was told, in place of any before."""
    known = told.groups & (settings.OIDC_GROUPS.keys() | settings.OIDC_ROLES.keys()) if told.groups else frozenset()
    row = AccountRow(user_id, TOLD, groups=set(known) or None, expires_at=int(time.time()) + SECONDS)
    row.says_groups, row.names_groups = told.groups is not None, told.names_groups
    if told.origin:
        row.subject, row.provider_session = told.origin.subject, told.origin.session
        row.created_at = told.origin.at
    await store.call(row.save)


async def find(user_id: str) -> Told | None:
    """Return what was kept; None if nothing was, or too long ago. Raises `Unavailable`."""
    if not is_configured():
        return None

    def read() -> AccountRow | None:
        try:
            return AccountRow.get(user_id, TOLD, consistent_read=True)
        except AccountRow.DoesNotExist:
            return None

    row = await store.call(read)
    if row is None or int(row.expires_at or 0) <= time.time():
        return None
    groups = frozenset(row.groups or ()) if row.says_groups else None
    origin = Origin(row.subject, row.provider_session, float(row.created_at or 0)) if row.subject else None
    return Told(groups, origin, bool(row.names_groups))


async def forget(user_id: str) -> None:
    """Forget what was kept: it is applied once."""
    await store.call(AccountRow(user_id, TOLD).delete)
