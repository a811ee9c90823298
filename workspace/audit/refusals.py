"""Refusals, which strangers may bring about without end: those of a minute are counted together.

Of one kind of act a process writes `MAX_DISTINCT` rows a minute for known people and places, and one for all others.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from foundation.flusher import Flusher

from .act import MANY, Act

SECONDS = 60.0
MAX_DISTINCT = 20
# The ends of the names of such acts.
_REFUSED = ".refused"


def is_refusal(act: str) -> bool:
    return act.endswith(_REFUSED)


@dataclass(frozen=True, slots=True)
class _Key:
    act: str
    by: str
    address: str | None


class Refusals:
    """The refusals of the present minute; `put` takes them when it is over."""

    def __init__(self, put: Callable[[Act], Any]) -> None:
        self._put = put
        self._counted: dict[_Key, Act] = {}
        self._flusher = Flusher(self._flush, is_waiting=lambda: bool(self._counted), delay=lambda: SECONDS)

    def count(self, act: Act) -> None:
        key = _Key(act.act, act.by, act.address)
        if key not in self._counted and self._distinct(act.act) >= MAX_DISTINCT:
            key, act = _Key(act.act, MANY, None), replace(act, by=MANY, address=None, session=None, about={})
        first = self._counted.get(key)
        self._counted[key] = replace(first, count=first.count + 1, until=act.at) if first else act
        self._flusher.start()

    def _distinct(self, act: str) -> int:
        return sum(key.act == act for key in self._counted)

    async def _flush(self) -> None:
        self.flush()

    def flush(self) -> None:
        """Hand over what was counted so far."""
        counted, self._counted = self._counted, {}
        for act in counted.values():
            self._put(act)

    async def close(self) -> None:
        await self._flusher.close(self._flush, timeout=1.0)
