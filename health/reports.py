"""The health of the server as a whole: all checks at once, each with a bound in time, shared among those who ask."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

from foundation.errors import Unavailable

from . import process
from .checks import ENGINES, Check, Failed

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
# A report serves everybody who asks within this time: a flood of probes costs the engines one question a second.
SHARED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CheckResult:
    ms: float
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.error is None

    def as_wire(self) -> dict[str, Any]:
        return {"ok": self.ok, "ms": self.ms, **({} if self.error is None else {"error": self.error})}


@dataclass(frozen=True, slots=True)
class Report:
    engines: dict[str, CheckResult]
    process: dict[str, Any]

    @property
    def ok(self) -> bool:
        return all(result.ok for result in self.engines.values())

    def as_wire(self) -> dict[str, Any]:
        checks = {name: result.as_wire() for name, result in self.engines.items()}
        return {
            "status": "ok" if self.ok else "degraded",
            "checks": {**checks, "process": {"ok": True, **self.process}},
        }


class SharedReports:
    """Makes at most one report at a time, and none while the last one is fresh."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Report] | None = None
        self._made_at = 0.0

    async def latest(self) -> Report:
        task = self._task
        # Of another loop, as in tests, it could never be awaited here.
        if task is None or task.get_loop() is not asyncio.get_running_loop() or self._is_stale(task):
            task = self._task = asyncio.create_task(self._make())
        # One who stops waiting must not take the report from the others.
        return await asyncio.shield(task)

    def _is_stale(self, task: "asyncio.Task[Report]") -> bool:
        if not task.done():
            return False
        return task.cancelled() or time.monotonic() - self._made_at > SHARED_SECONDS

    async def _make(self) -> Report:
        results = await asyncio.gather(*(_result(name, check) for name, check in ENGINES.items()))
        self._made_at = time.monotonic()
        return Report(dict(zip(ENGINES, results, strict=True)), await process.describe())


_shared = SharedReports()


async def latest_report() -> Report:
    """Return how the engines are, no older than `SHARED_SECONDS`; takes no longer than `CHECK_SECONDS`."""
    return await _shared.latest()


async def _result(name: str, check: Check) -> CheckResult:
    start = time.monotonic()
    error = await _failure(name, check)
    return CheckResult(ms=round((time.monotonic() - start) * 1000, 1), error=error)


async def _failure(name: str, check: Check) -> str | None:
    """Return what is wrong, or None. Exceptions carry addresses and sometimes credentials: those go to the log only."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Failed as error:
        return str(error)
    except TimeoutError:
        return f"It does not answer within {CHECK_SECONDS:g} s."
    except (Unavailable, OSError):
        return "It cannot be reached."
    # A health report that fails tells nobody what is wrong: whatever an engine's library raises, it is the answer.
    except Exception as error:
        logger.warning("The check of %s failed.", name, exc_info=True)
        return f"It answers with an error ({type(error).__name__})."
    return None
