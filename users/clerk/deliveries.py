"""The webhooks that were handled lately, in Redis: Svix repeats one whose response it missed, others replay it."""

import hashlib

import redis.asyncio as redis
from django.conf import settings

from foundation.redis_retry import no_retry

from .signature import TOLERANCE

# A signature is taken this long before and after its time.
_REMEMBERED_SECONDS = 2 * TOLERANCE


async def was_handled(delivery_id: str) -> bool:
    """Return whether `remember` has noted it; False while Redis is down, for handling one again changes nothing."""
    try:
        async with _redis() as client:
            return bool(await client.exists(_key(delivery_id)))
    except redis.RedisError:
        return False


async def remember(delivery_id: str) -> None:
    """Note that it was handled, for as long as its signature can be valid."""
    try:
        async with _redis() as client:
            await client.set(_key(delivery_id), 1, ex=_REMEMBERED_SECONDS)
    except redis.RedisError:
        return


def _redis() -> redis.Redis:
    # One for each call: webhooks are seldom.
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry=no_retry())


def _key(delivery_id: str) -> str:
    return f"{settings.NAMESPACE}:webhook:{hashlib.sha256(delivery_id.encode()).hexdigest()}"
