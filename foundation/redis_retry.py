"""redis-py repeats what failed, up to ten times. Here whoever asks has a next try of their own, or must have none."""

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


def no_retry() -> Retry:
    """Return the rule for a client that says at once what has failed."""
    return Retry(NoBackoff(), 0)
