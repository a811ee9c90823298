"""What this process says of itself, and what it knows of the others."""

import logging
import time
from collections import deque
from typing import Any

from redis.exceptions import RedisError

from foundation.draining import is_draining
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop

from .engines import REQUIRED
from .exchange import HISTORY_SECONDS, POINT_SECONDS, Exchange, Json, lifetime
from .sections import find_sections, merge_sections
from .states import DEGRADED, DOWN, OK, UNKNOWN

logger = logging.getLogger(__name__)


class Workers:
    """While Redis is away, the others are remembered for as long as they would be there."""

    def __init__(self) -> None:
        self._exchange = Exchange()
        self._others: list[Json] = []
        self._read_at = float("-inf")
        # What this process has seen itself, for as long as Redis has none.
        self._history: deque[Json] = deque()
        self._log_throttle = LogThrottle()

    async def find_own(self) -> Json:
        """Return this process: `{"host", "pid", "draining", "status", ...}` with its sections."""
        sections = await find_sections()
        process = {"host": self._exchange.host, "pid": self._exchange.pid, "draining": is_draining()}
        return {**process, "status": status_of(sections), **sections}

    async def find_all(self) -> list[Json]:
        """Return all processes, by host and number; raises nothing."""
        found = [await self.find_own(), *await self._find_others()]
        return sorted(found, key=lambda process: (process["host"], process["pid"]))

    async def _find_others(self) -> list[Json]:
        try:
            self._others, self._read_at = await self._exchange.read_others(), time.monotonic()
        except (RedisError, OSError, ValueError) as error:
            self._complain(error)
            if time.monotonic() - self._read_at > lifetime():
                self._others = []
        return self._others

    async def sample(self) -> None:
        """Tell the others of this process, and add what all are together to the history; raises nothing."""
        own = await self.find_own()
        try:
            await self._exchange.write(own)
        except (RedisError, OSError) as error:
            self._complain(error)
        point = _point(merge_sections([own, *await self._find_others()]))
        self._remember(point)
        try:
            await self._exchange.add_point(point)
        except (RedisError, OSError) as error:
            self._complain(error)

    def _remember(self, point: Json) -> None:
        if not self._history or point["at"] - self._history[-1]["at"] > 0.9 * POINT_SECONDS:
            self._history.append(point)
        while self._history[0]["at"] < point["at"] - HISTORY_SECONDS:
            self._history.popleft()

    async def history(self) -> list[Json]:
        """Return the points of the last fifteen minutes, the oldest first; see `_point`. Raises nothing."""
        try:
            return await self._exchange.read_history()
        except (RedisError, OSError, ValueError) as error:
            self._complain(error)
            return list(self._history)

    async def close(self) -> None:
        try:
            await self._exchange.close()
        except (RedisError, OSError) as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        if self._log_throttle.should_log():
            logger.warning("Redis does not answer: health reports are of this process alone: %r", error)


def status_of(sections: dict[str, Any]) -> str:
    """Return `ok`, `degraded` (it serves, something is away) or `down`: without DynamoDB nothing is possible."""
    databases = {name: engine["status"] for name, engine in sections["databases"].items()}
    if databases[REQUIRED] == DOWN:
        return DOWN
    states = {*databases.values(), sections["server"]["http"], sections["server"]["websocket"]}
    return OK if states <= {OK, UNKNOWN} else DEGRADED


def _point(sections: dict[str, Any]) -> Json:
    """Return what charts show: `at` in seconds since 1970, `errors` a second, `lag` and `latency` in milliseconds."""
    return {
        "at": round(time.time(), 1),
        "connections": sections["sockets"]["connections"],
        "rooms": sections["rooms"]["count"],
        "rss": sections["memory"]["rss"],
        "errors": sections["errors"]["1m"]["perSecond"],
        "lag": sections["eventLoop"]["lagP99Ms"],
        "latency": {name: engine["latencyMs"] for name, engine in sections["databases"].items()},
    }


workers = PerLoop(Workers)


async def close_workers() -> None:
    if open_workers := workers.pop():
        await open_workers.close()
