"""redis-py retries a failed command up to ten times; our callers retry on their own schedule, or must not retry."""

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


def no_retry() -> Retry:
    """Return a retry policy with which the first failure is raised at once."""
    return Retry(NoBackoff(), 0)
