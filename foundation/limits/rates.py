"""Rates as settings write them: "30/m" is 30 a minute, "20/4s" is 20 in 4 seconds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

OFF = "off"
_RATE = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,3})?([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` in `seconds`: of a window that all processes count, or the size of a bucket that is refilled evenly."""

    count: int
    seconds: int

    def __str__(self) -> str:
        """Return the rate as django-ratelimit reads it."""
        return f"{self.count}/{self.seconds}s"


def parse_rates(defaults: Mapping[str, str], changes: str) -> dict[str, Rate]:
    """Return the rates by budget; a budget without one is not limited.

    `changes` is a list such as "upload=60/m,write=off", in whose order "off" alone turns all off. Raises `ValueError`.
    """
    texts = dict(defaults)
    for change in filter(None, (part.strip() for part in changes.split(","))):
        name, _, text = change.partition("=")
        if change == OFF:
            texts = dict.fromkeys(texts, OFF)
        elif name in texts:
            texts[name] = text
        else:
            raise ValueError(f"{change!r} names no limit: there are {', '.join(texts)}.")
    return {name: _parse_rate(text) for name, text in texts.items() if text != OFF}


def _parse_rate(text: str) -> Rate:
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no rate such as 30/m or 20/4s, nor {OFF}.")
    count, multiple, unit = match.groups()
    return Rate(int(count), int(multiple or 1) * _SECONDS[unit])
