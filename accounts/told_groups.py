"""The provider's groups of whoever has still to prove a second factor: kept until they have, or for five minutes."""

import time

from django.conf import settings

from dynamodb import store

from .rows import TOLD, AccountRow

SECONDS = 300


async def keep(user_id: str, groups: frozenset[str] | None) -> None:
    """Keep the names that OIDC_GROUPS knows, in place of any before; None, which says nothing, keeps nothing."""
    if groups is None or not settings.OIDC_GROUPS:
        return
    known = set(groups & settings.OIDC_GROUPS.keys())
    row = AccountRow(user_id, TOLD, groups=known or None, expires_at=int(time.time()) + SECONDS)
    await store.call(row.save)


async def take(user_id: str) -> frozenset[str] | None:
    """Return what was kept, once; None if nothing was."""
    if not settings.OIDC_GROUPS:
        return None

    def read() -> frozenset[str] | None:
        try:
            row = AccountRow.get(user_id, TOLD, consistent_read=True)
        except AccountRow.DoesNotExist:
            return None
        row.delete()
        return frozenset(row.groups or ()) if int(row.expires_at or 0) > time.time() else None

    return await store.call(read)
