"""What was answered to a user's requests with an Idempotency-Key: a row of theirs keeps each answer for two days.

The row is claimed before the request is carried out. A claim without an answer is that of a request that is being
carried out, or whose process has died; after `CLAIM_SECONDS` the next request takes it over.
"""

import hashlib
import time
from typing import Any

from dynamodb import store
from foundation.errors import IdempotencyConflict, Unavailable
from foundation.ids import new_id

from .models import UserRow

KEPT_SECONDS = 48 * 3600
# Longer than any request but an upload or a group of thousands takes once its body is there.
CLAIM_SECONDS = 60


async def begin(*, user_id: str, key: str, digest: str) -> str | None:
    """Claim the key for a request with this digest; return the answer if there is one already, as `finish` was told it.

    Raises `IdempotencyConflict` when the key is that of another request, `Unavailable` while the first request under
    the key is being carried out.
    """
    if await _claim(user_id, key, digest, UserRow.digest.does_not_exist() | (UserRow.expires_at <= int(time.time()))):
        return None
    row = await _read(user_id, key)
    if row is None:
        raise Unavailable
    if row.digest != digest:
        raise IdempotencyConflict
    answer: str | None = row.answer
    if answer is not None:
        return answer
    if row.claimed_at < time.time() - CLAIM_SECONDS:
        same = (UserRow.claim == row.claim) & UserRow.answer.does_not_exist()
        if await _claim(user_id, key, digest, same):
            return None
    raise Unavailable("The first request under this Idempotency-Key is still being carried out.")


async def finish(*, user_id: str, key: str, answer: str) -> None:
    """Keep the answer of a request whose key was claimed."""
    row = _row(user_id, key)
    await store.call(lambda: row.update([UserRow.answer.set(answer)], UserRow.digest.exists()))


async def release(*, user_id: str, key: str) -> None:
    """Give up a claim: the request has failed, and changed nothing."""
    row = _row(user_id, key)
    await store.call(lambda: row.delete(UserRow.answer.does_not_exist()))


async def ensure_expiry() -> None:
    """Have DynamoDB delete rows of users after their `expires_at`, where it does not yet."""
    table = {"TableName": UserRow.Meta.table_name}

    def enable() -> None:
        dispatch = store.connection().dispatch
        state = dispatch("DescribeTimeToLive", table)["TimeToLiveDescription"]["TimeToLiveStatus"]
        if state not in ("ENABLED", "ENABLING"):
            wanted = {"AttributeName": UserRow.expires_at.attr_name, "Enabled": True}
            dispatch("UpdateTimeToLive", {**table, "TimeToLiveSpecification": wanted})

    await store.call(enable)


def _row(user_id: str, key: str) -> UserRow:
    return UserRow(user_id, f"answer#{hashlib.sha256(key.encode()).hexdigest()[:32]}")


async def _claim(user_id: str, key: str, digest: str, condition: Any) -> bool:
    row, claim, now = _row(user_id, key), new_id("claim"), int(time.time())
    actions: list[Any] = [
        UserRow.digest.set(digest),
        UserRow.claim.set(claim),
        UserRow.claimed_at.set(now),
        UserRow.expires_at.set(now + KEPT_SECONDS),
        UserRow.answer.remove(),
    ]
    try:
        await store.call(lambda: row.update(actions, condition))
    except store.ConditionFailed:
        # The response to our own write may have been lost, and the write repeated.
        stored = await _read(user_id, key)
        return stored is not None and stored.claim == claim
    return True


async def _read(user_id: str, key: str) -> UserRow | None:
    row = _row(user_id, key)

    def read() -> UserRow | None:
        try:
            return UserRow.get(row.user_id, row.item, consistent_read=True)
        except UserRow.DoesNotExist:
            return None

    return await store.call(read)
