"""A link between processes that loses, repeats, delays and reorders a share of what it hears, for servers under test.

`HUB_LINK=tests.lossy_link.LossyLink` selects it. Each process suffers for itself, on what it
hears, and `LOSSY_SEED` decides what befalls which message. `LOSSY_SHARE` (0 to 1) of the messages are struck, each by
one of `LOSSY_FAULTS`; `LOSSY_TYPES` strikes only messages of these types, and lets the others pass.
"""

import asyncio
import os
import random
from collections.abc import Callable

from realtime.hub.link import Link, Message

FAULTS = ("drop", "repeat", "delay", "reorder")
# A delayed message, or a second copy, comes up to this much later: longer than a room waits for a missing change.
_LATE_SECONDS = 0.5


class Faults:
    """Decides how often and when each message arrives; it is told of every message, in the order of arrival."""

    def __init__(self, share: float, faults: tuple[str, ...], types: tuple[str, ...], seed: str) -> None:
        self._share, self._faults, self._types = share, faults, types
        self._chance = random.Random(seed)
        self._overtaken: list[Message] = []

    @classmethod
    def from_environment(cls) -> "Faults":
        faults, types = (tuple(os.environ.get(name, "").split()) for name in ("LOSSY_FAULTS", "LOSSY_TYPES"))
        share, seed = os.environ.get("LOSSY_SHARE", "0.1"), os.environ.get("LOSSY_SEED", "1")
        return cls(float(share), faults or FAULTS, types, seed)

    def of(self, message: Message) -> list[tuple[float, Message]]:
        """Return what arrives now that this message has come, each after so many seconds."""
        fault = self._fault(message)
        if fault == "reorder":
            # It comes after the next one that is not held back itself.
            self._overtaken.append(message)
            return []
        overtaken, self._overtaken = [(0.0, late) for late in self._overtaken], []
        late = self._chance.uniform(0, _LATE_SECONDS)
        arrivals = {"drop": [], "repeat": [(0.0, message), (late, message)], "delay": [(late, message)]}
        return arrivals.get(fault, [(0.0, message)]) + overtaken

    def _fault(self, message: Message) -> str:
        if self._types and message["type"] not in self._types:
            return ""
        return self._chance.choice(self._faults) if self._chance.random() < self._share else ""


class LossyLink(Link):
    """Redis carries everything; what is heard of other processes is struck."""

    def __init__(self, on_message: Callable[[Message], None], on_return: Callable[[], None]) -> None:
        super().__init__(on_message, on_return)
        self._faults = Faults.from_environment()

    def _take(self, message: Message) -> None:
        for seconds, arriving in self._faults.of(message):
            asyncio.get_running_loop().call_later(seconds, super()._take, arriving)
