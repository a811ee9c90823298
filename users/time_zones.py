"""The time zones that a profile may name: those of the IANA's database."""

from functools import cache
from zoneinfo import available_timezones

# What a system has beside the names of zones.
_NO_ZONES = frozenset(("localtime", "posixrules", "Factory"))


def is_time_zone(name: str) -> bool:
    """Return whether a zone is called so; nothing is looked up by a name that somebody has typed."""
    return name in _names()


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names of all zones, sorted; it reads the disk once."""
    return tuple(sorted(name for name in available_timezones() if name not in _NO_ZONES))


@cache
def _names() -> frozenset[str]:
    return frozenset(time_zones())
