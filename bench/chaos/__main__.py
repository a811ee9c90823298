"""Checks the delivery guarantees while faults are injected, on temporary servers and engines.

    bin/prove chaos --minutes 10

Clients on all transports send, upload, retry, disconnect, reconnect and change transport while servers, Redis and
MongoDB are killed, frozen and restarted, and DynamoDB is cut off, stalled, throttled, slow, or fails in the middle. At
the end it reports whether anything acknowledged was lost, changed, duplicated or delivered out of order. Exit code 1: a
guarantee was broken.
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
from bin.local.console import print_line, run_command
from bin.local.processes import ProcessGroup
from bin.local.running import Home, engines
from bin.local.system import mongod_runs

from .run import ChaosConfig, run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/prove chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--servers", type=int, default=ChaosConfig.servers)
    parser.add_argument("--clients", type=int, default=ChaosConfig.clients)
    parser.add_argument("--pace", type=float, default=ChaosConfig.pace, help="actions per second of each client (1)")
    parser.add_argument(
        "--seed", type=int, default=ChaosConfig.seed, help="selects actions and faults; their timing still varies"
    )
    return parser


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    config = ChaosConfig(
        seconds=60 * options.minutes,
        servers=options.servers,
        clients=options.clients,
        pace=options.pace,
        seed=options.seed,
    )
    folder = Path(tempfile.mkdtemp(prefix="chatproject-chaos-"))
    processes, keep = ProcessGroup(), True
    try:
        mongod_runs()  # fetches the libraries that it lacks
        # The cluster starts its own Redis and MongoDB, to kill them.
        own = {"REDIS_URL": "", "MONGODB_URI": ""}
        with engines(processes, Home(folder / "data", folder, throwaway=True, short_lived=True), own) as addresses:
            report = asyncio.run(_until_stopped(run(addresses, folder, config, print_line)))
        keep = report is not None and bool(report.violations)
    finally:
        processes.stop()
        if keep:
            print_line(f"The logs of the servers and engines are in {folder}")
        else:
            shutil.rmtree(folder)
    print_line(str(report or "Interrupted before the end: no result."))
    return 0 if report and not report.violations else 1


async def _until_stopped(work: Coroutine[Any, Any, Report]) -> Report | None:
    """Return the result of `work`, or None when a signal cancelled it; its child processes are gone by then."""
    task = asyncio.create_task(work)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        return await task
    return None


if __name__ == "__main__":
    run_command(main)
