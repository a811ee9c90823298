"""The health of the server: runs all checks concurrently, each within a timeout, and shares the report."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foundation.errors import Unavailable

from . import process
from .checks import ENGINES, ENGINES_WITHOUT_TABLES, Check, CheckFailed

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
# How long a report is reused: a flood of probes costs each engine one request a second.
MAX_AGE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How long a check took, in milliseconds, and what is wrong, if anything."""

    ms: float
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.error is None

    def as_wire(self, *, figures: bool) -> dict[str, Any]:
        state = {"ok": self.ok}
        if not figures:
            return state
        return {**state, "ms": self.ms, **({} if self.error is None else {"error": self.error})}


@dataclass(frozen=True, slots=True)
class Report:
    """The result of each engine's check, by the engine's name, and the figures of this process."""

    engines: dict[str, CheckResult]
    process: dict[str, Any]

    @property
    def ok(self) -> bool:
        return all(result.ok for result in self.engines.values())

    def as_wire(self, *, figures: bool) -> dict[str, Any]:
        """Return the states, and with `figures` all that is known."""
        checks = {name: result.as_wire(figures=figures) for name, result in self.engines.items()}
        process = {"ok": True, **(self.process if figures else {})}
        return {"status": "ok" if self.ok else "degraded", "checks": {**checks, "process": process}}


class SharedReports:
    """Creates at most one report at a time, and none while the last one is fresh."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Report] | None = None
        self._created_at = 0.0

    async def get(self) -> Report:
        task = self._task
        # A task of another event loop, as in tests, cannot be awaited.
        if task is None or task.get_loop() is not asyncio.get_running_loop() or self._is_stale(task):
            task = self._task = asyncio.create_task(self._create())
        # shield: cancelling one waiter must not cancel the shared task.
        return await asyncio.shield(task)

    def _is_stale(self, task: "asyncio.Task[Report]") -> bool:
        if not task.done():
            return False
        return task.cancelled() or time.monotonic() - self._created_at > MAX_AGE_SECONDS

    async def _create(self) -> Report:
        results = await _run_all(ENGINES)
        self._created_at = time.monotonic()
        return Report(results, await process.describe())


_shared = SharedReports()


async def get_report() -> Report:
    """Return a report no older than `MAX_AGE_SECONDS`, within about `CHECK_SECONDS`; raises nothing."""
    return await _shared.get()


async def find_engines_that_fail(*, with_tables: bool = True) -> dict[str, str]:
    """Return a sentence by engine for those that do not work; without tables, for those that do not answer."""
    results = await _run_all(ENGINES if with_tables else ENGINES_WITHOUT_TABLES)
    return {name: result.error for name, result in results.items() if result.error}


async def _run_all(checks: Mapping[str, Check]) -> dict[str, CheckResult]:
    results = await asyncio.gather(*(_run(name, check) for name, check in checks.items()))
    return dict(zip(checks, results, strict=True))


async def _run(name: str, check: Check) -> CheckResult:
    start = time.monotonic()
    error = await _find_error(name, check)
    return CheckResult(ms=round((time.monotonic() - start) * 1000, 1), error=error)


async def _find_error(name: str, check: Check) -> str | None:
    """Return what is wrong, or None. An exception's text may contain addresses or credentials: it is only logged."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except CheckFailed as error:
        return str(error)
    except TimeoutError:
        return f"It does not answer within {CHECK_SECONDS:g} s."
    except (Unavailable, OSError):
        return "It cannot be reached."
    # Any exception of an engine's library is a result: a report that fails would say nothing of the other engines.
    except Exception as error:
        logger.warning("The check of %s failed.", name, exc_info=True)
        return f"It answers with an error ({type(error).__name__})."
    return None
