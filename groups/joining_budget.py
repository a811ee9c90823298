"""How often somebody may be put into groups: counted in Redis by hour, for all processes together.

While Redis is down nothing is counted, and nobody is refused.
"""

import logging
import time
from collections.abc import Sequence

import redis.asyncio as redis
from django.conf import settings

from foundation.errors import RateLimited
from foundation.redis_retry import no_retry

logger = logging.getLogger(__name__)

_HOUR = 3600
_TIMEOUT = 0.5


async def spend(user_ids: Sequence[str]) -> None:
    """Count one group for each of the users, or for none of them: raises `RateLimited` if it is too many for some.

    The error's fields (`userIds`) name them, and `retry_after` is in seconds.
    """
    limit = settings.ADDED_TO_GROUPS_PER_HOUR
    if not limit or not user_ids:
        return
    hour, passed = divmod(time.time(), _HOUR)
    keys = [f"{settings.NAMESPACE}:added:{int(hour)}:{user_id}" for user_id in user_ids]
    try:
        spent = await _change(keys, 1)
        over = [user_id for user_id, count in zip(user_ids, spent, strict=True) if count > limit]
        if over:
            await _change(keys, -1)
    except redis.RedisError:
        logger.warning("Redis is down: how often users are put into groups is not counted.")
        return
    if over:
        sentences = [f"{user_id} was put into {limit} groups within an hour." for user_id in over[:10]]
        raise RateLimited(retry_after=round(_HOUR - passed, 1), fields={"userIds": sentences})


async def _change(keys: Sequence[str], by: int) -> list[int]:
    """Add `by` to each count and return them. A connection of its own: people are not put into groups all the time."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry=no_retry()
    )
    async with client, client.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.incrby(key, by)
            pipeline.expire(key, 2 * _HOUR)
        counts: list[int] = (await pipeline.execute())[::2]
        return counts
