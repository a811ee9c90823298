"""Which logout tokens of the provider were taken: each is taken once."""

import time

from dynamodb import store

from .rows import LOGOUT, LOGOUTS, AccountRow


async def is_taken(digest: str) -> bool:
    """Return whether a token was taken, by a consistent read."""

    def read() -> bool:
        try:
            row = AccountRow.get(LOGOUTS, f"{LOGOUT}{digest}", consistent_read=True)
        except AccountRow.DoesNotExist:
            return False
        return int(row.expires_at or 0) > time.time()

    return await store.call(read)


async def note(digest: str, *, expires_at: int) -> None:
    """Note that a token was taken, and all has come of it; at `expires_at` it is too old to be taken anyway."""
    row = AccountRow(LOGOUTS, f"{LOGOUT}{digest}", expires_at=expires_at)
    await store.call(row.save)
