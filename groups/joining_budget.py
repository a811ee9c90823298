"""How often somebody may be put into groups: the budget `added_to_groups`, counted in Redis for all processes.

Unlike requests (`foundation.limits.shared`), it counts for many people at once, who are not the caller, and a refusal
counts for none of them. While Redis is down nothing is counted, and nobody is refused.
"""

import logging
import time
from collections.abc import Sequence

import redis.asyncio as redis
from django.conf import settings

from foundation.errors import RateLimited
from foundation.limits.rates import Rate
from foundation.redis_retry import no_retry

logger = logging.getLogger(__name__)

_TIMEOUT = 0.5


async def spend(user_ids: Sequence[str]) -> None:
    """Count one group for each of the users, or for none of them: raises `RateLimited` if it is too many for some.

    The error's fields (`userIds`) name them, and `retry_after` is in seconds.
    """
    rate: Rate | None = settings.RATE_LIMITS.get("added_to_groups")
    if rate is None or not user_ids:
        return
    window, passed = divmod(time.time(), rate.seconds)
    keys = [f"{settings.NAMESPACE}:added:{int(window)}:{user_id}" for user_id in user_ids]
    try:
        spent = await _change(keys, 1, rate)
        over = [user_id for user_id, count in zip(user_ids, spent, strict=True) if count > rate.count]
        if over:
            await _change(keys, -1, rate)
    except redis.RedisError as error:
        logger.warning("how often users are put into groups is not counted: Redis does not answer (%r)", error)
        return
    if over:
        sentences = [f"{user_id} was put into too many groups lately." for user_id in over[:10]]
        raise RateLimited(retry_after=round(rate.seconds - passed, 1), fields={"userIds": sentences})


async def _change(keys: Sequence[str], by: int, rate: Rate) -> list[int]:
    """Add `by` to each count and return them. A connection of its own: people are not put into groups all the time."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry=no_retry()
    )
    async with client, client.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.incrby(key, by)
            pipeline.expire(key, 2 * rate.seconds)
        counts: list[int] = (await pipeline.execute())[::2]
        return counts
