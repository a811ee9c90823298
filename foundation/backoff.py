"""Exponential back-off with full jitter: callers that failed together do not retry together."""

import random
from collections.abc import Callable, Iterator


def backoff(
    retries: int, *, base: float, cap: float, uniform: Callable[[float, float], float] = random.uniform
) -> Iterator[float]:
    """Yield the delay before each retry: drawn between 0 and `base`, twice that, ..., `cap` (all in seconds)."""
    for retry in range(retries):
        yield uniform(0, min(cap, base * 2**retry))
