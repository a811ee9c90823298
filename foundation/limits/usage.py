"""What a caller has used of a budget, and how responses say so."""

from collections.abc import Sequence
from dataclasses import dataclass

from .rates import Rate


@dataclass(frozen=True, slots=True)
class Usage:
    """`used` of `rate.count`, this time included; `reset` is in how many seconds there is something again."""

    budget: str
    rate: Rate
    used: int
    reset: float

    @property
    def exceeded(self) -> bool:
        return self.used > self.rate.count

    @property
    def remaining(self) -> int:
        return max(0, self.rate.count - self.used)

    def headers(self) -> dict[str, str]:
        """Return the headers of draft-ietf-httpapi-ratelimit-headers-06, with the budget's name as comment."""
        return {
            "RateLimit-Limit": str(self.rate.count),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(max(1, round(self.reset))),
            "RateLimit-Policy": f'{self.rate.count};w={self.rate.seconds};comment="{self.budget}"',
        }


def tightest(usages: Sequence[Usage]) -> Usage | None:
    """Return the usage of which the smallest share remains."""
    return min(usages, key=lambda usage: usage.remaining / usage.rate.count, default=None)
