"""Makes tables, and waits until they can be used: a busy engine takes longer for that than one call may."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from foundation.errors import Unavailable

from . import store

# Seconds: how long to wait in all, between two looks, and until it is said again what is waited for.
PATIENCE = 120.0
_POLL_SECONDS, _REPORT_SECONDS = 0.2, 5.0
Report = Callable[[str], None]


class TookTooLong(Exception):
    """What was waited for is not there yet; it may still come."""


async def wait_until(is_there: Callable[[], Awaitable[bool]], what: str, report: Report | None = None) -> None:
    """Wait until something is there, and report from time to time what is waited for.

    A call that has no answer is made again: `is_there` may begin what it asks for. Raises `TookTooLong` after
    `PATIENCE`, and what else it raises.
    """
    loop = asyncio.get_running_loop()
    end, next_report = loop.time() + PATIENCE, loop.time() + _REPORT_SECONDS
    while not await _is_there(is_there):
        if loop.time() > end:
            raise TookTooLong(f"{what} is not there after {PATIENCE:g} s.")
        if report and loop.time() > next_report:
            report(f"waiting for {what}")
            next_report = loop.time() + _REPORT_SECONDS
        await asyncio.sleep(_POLL_SECONDS)


async def _is_there(look: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await look()
    except (Unavailable, store.InUse):
        return False


async def create_missing(tables: Iterable[type[store.Table]], report: Report | None = None) -> list[type[store.Table]]:
    """Create the tables that are not there, and return them; returns when all can be used. Raises `TookTooLong`."""
    created = []
    for table in tables:
        if await _ensure(table, report):
            created.append(table)
    return created


async def _ensure(table: type[store.Table], report: Report | None) -> bool:
    """Return whether the table was missing."""
    was_missing = False

    async def is_active() -> bool:
        nonlocal was_missing
        status = await _status(table)
        if status is None:
            was_missing = True
            # With its outcome unknown, the next look shows whether it was begun.
            await store.call(table.create_table, wait=False)
        return status == "ACTIVE"

    await wait_until(is_active, f"the table {table.Meta.table_name}", report)
    return was_missing


async def _status(table: type[store.Table]) -> str | None:
    if not await store.call(table.exists):
        return None
    description = await store.call(table.describe_table)
    status: str = description["TableStatus"]
    return status
