"""Proves the delivery promises under chaos, on servers and engines of its own that end with it.

    bin/prove chaos --minutes 10

Clients on all transports send, retry, drop, reconnect and change transport while servers and Redis are killed, frozen
and started again, and the store is cut off. In the end it says for each group whether anything acknowledged was lost,
doubled or told out of order. Exit code 1: a promise was broken.
"""

import argparse
import asyncio
import shutil
import signal
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.check_delivery import Report
from bin.local.console import run_command, say
from bin.local.processes import ProcessGroup
from bin.local.running import Home, engines

from .run import Size, run


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/prove chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--servers", type=int, default=Size.servers)
    parser.add_argument("--clients", type=int, default=Size.clients)
    parser.add_argument("--pace", type=float, default=Size.pace, help="actions a second of one client (1)")
    parser.add_argument("--seed", type=int, default=Size.seed, help="decides what is done, not how fast it goes")
    return parser


def main(given: list[str]) -> int:
    options = arguments().parse_args(given)
    size = Size(
        seconds=60 * options.minutes,
        servers=options.servers,
        clients=options.clients,
        pace=options.pace,
        seed=options.seed,
    )
    folder = Path(tempfile.mkdtemp(prefix="chatproject-chaos-"))
    processes, keep = ProcessGroup(), True
    try:
        # Redis is the stage's own, which kills it.
        with engines(
            processes, Home(folder / "data", folder, throwaway=True, short_lived=True), {"REDIS_URL": ""}
        ) as found:
            report = asyncio.run(_until_stopped(run(found, folder, size, say)))
        keep = report is not None and bool(report.violations)
    finally:
        processes.stop()
        if keep:
            say(f"What the servers and engines said lies in {folder}")
        else:
            shutil.rmtree(folder)
    say(str(report or "Stopped before the end: nothing is proven."))
    return 0 if report and not report.violations else 1


async def _until_stopped(work: Coroutine[Any, Any, Report]) -> Report | None:
    """Return what the work returns, or None when a signal ended it: then all that it started is gone too."""
    task = asyncio.create_task(work)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        return await task
    return None


if __name__ == "__main__":
    run_command(main)
