"""Whether the engines answer this process: runs their checks, each within a time-out, and shares the results."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from foundation.errors import Unavailable

from .checks import ENGINES, ENGINES_WITHOUT_TABLES, Check, CheckFailed
from .shared import Shared

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
# Of engines that are asked for the first time.
PATIENCE = 60.0
# Without it nothing that this server promises is possible.
REQUIRED = "dynamodb"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How long a check took, in milliseconds, and what is wrong, if anything; `is_slow`: it has not answered yet."""

    ms: float
    error: str | None = None
    is_slow: bool = False


class Engine:
    """What this process knows of an engine: its last check, and its last failure with the time of that."""

    def __init__(self, name: str, check: Check) -> None:
        self.name = name
        self._check = Shared(partial(self._run, check))
        self._last_error: dict[str, str] = {}

    async def is_up(self) -> bool:
        """Check it, or take the result of a check within the last second; raises nothing."""
        return (await self._check.get()).error is None

    async def figures(self) -> dict[str, Any]:
        """Return `{"status", "latencyMs", "lastError"?, "lastErrorAt"?}` of a check made now; raises nothing."""
        result = await self._check.get(max_age=0)
        return {"status": "down" if result.error else "ok", "latencyMs": result.ms, **self._last_error}

    async def _run(self, check: Check) -> CheckResult:
        result = await run_check(self.name, check)
        if result.error:
            at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            self._last_error = {"lastError": result.error, "lastErrorAt": at}
        return result


own_engines = {name: Engine(name, check) for name, check in ENGINES.items()}


async def find_failing() -> dict[str, str]:
    """Return a sentence by engine for those that do not work."""
    return _errors(await _run_checks(ENGINES))


async def wait_for_answers(report: Callable[[str], None]) -> dict[str, str]:
    """Return a sentence by engine for those that do not answer, whether or not there are tables.

    Those that are slow, on a busy machine or because they are starting, are asked again for `PATIENCE` seconds, and
    reported each time. Those that refuse are not waited for.
    """
    end = time.monotonic() + PATIENCE
    while True:
        results = await _run_checks(ENGINES_WITHOUT_TABLES)
        slow = [name for name, result in results.items() if result.is_slow]
        failing = _errors(results)
        if not slow or len(slow) < len(failing) or time.monotonic() > end:
            return failing
        report(f"waiting for {', '.join(slow)}")


async def _run_checks(checks: Mapping[str, Check]) -> dict[str, CheckResult]:
    results = await asyncio.gather(*(run_check(name, check) for name, check in checks.items()))
    return dict(zip(checks, results, strict=True))


def _errors(results: Mapping[str, CheckResult]) -> dict[str, str]:
    return {name: result.error for name, result in results.items() if result.error}


async def run_check(name: str, check: Check) -> CheckResult:
    """Run a check, within `CHECK_SECONDS`; raises nothing."""
    start, is_slow = time.monotonic(), False
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            error = await _find_error(name, check)
    except TimeoutError:
        error, is_slow = f"It does not answer within {CHECK_SECONDS:g} s.", True
    return CheckResult(ms=round((time.monotonic() - start) * 1000, 1), error=error, is_slow=is_slow)


async def _find_error(name: str, check: Check) -> str | None:
    """Return what is wrong, or None. An exception's text may contain addresses or credentials: it is only logged."""
    try:
        await check()
    except CheckFailed as error:
        return str(error)
    except (Unavailable, OSError):
        return "It cannot be reached."
    # Any exception of an engine's library is a result: a report that fails would say nothing of the other engines.
    except Exception as error:
        logger.warning("The check of %s failed.", name, exc_info=True)
        return f"It answers with an error ({type(error).__name__})."
    return None
