"""What a server costs while nobody does anything: requests to the store, by which each process is paid for."""

import asyncio
import os
from pathlib import Path

from bench.launcher import StoreProxy, start_store_proxy
from bin.local.processes import ProcessGroup
from tests.serving import serving

# Seconds that are looked at, until the server has done what it does at the start, and what other tests have left.
_WINDOW, _MAX_WINDOWS = 12.0, 8
# Requests: four partitions of what is due in five seconds, four of pushes in twenty and sixteen of mails in sixty, and
# a few of health, settings and revoked sessions; twice as much as that.
_BOUND = 48


async def test_an_idle_server_asks_the_store_little(tmp_path: Path) -> None:
    processes = ProcessGroup()
    try:
        front = start_store_proxy(processes, upstream=os.environ["DYNAMODB_URL"], tables=[], log=tmp_path / "front.log")
        async with serving({"DYNAMODB_URL": front.url}):
            counts = [_BOUND + 1]
            while counts[-1] > _BOUND and len(counts) <= _MAX_WINDOWS:
                before = await _count(front)
                # Waiting is what is measured.
                await asyncio.sleep(_WINDOW)
                counts.append(await _count(front) - before)
            assert counts[-1] <= _BOUND, counts
    finally:
        processes.stop()


async def _count(front: StoreProxy) -> int:
    return sum((await asyncio.to_thread(front.counts)).values())
