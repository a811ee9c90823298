"""What was acknowledged is kept when DynamoDB Local is killed, with SIGKILL, while clients send.

It keeps its data on disk, as under `bin/run`. A power cut is another matter: see docs/failures.md.
"""

import asyncio
import os
from pathlib import Path

import pytest

from bench.chaos.cluster import make_fixture, manage
from bench.chaos.engine_process import engine_process
from bench.check_delivery import Plan, check
from bin.local.engines import DYNAMODB, EMULATOR
from tests.serving import serving

KILLS = 3


@pytest.mark.skipif(not EMULATOR.exists(), reason="DynamoDB Local is not installed")
@pytest.mark.timeout(300)
async def test_acknowledged_messages_survive_kills_of_dynamodb_local(tmp_path: Path) -> None:
    process, url = engine_process(DYNAMODB, tmp_path)

    async def kill_repeatedly() -> None:
        for _ in range(KILLS):
            await asyncio.sleep(2)
            await process.kill()
            await process.start()

    try:
        await process.start()
        environment = {**os.environ, "DYNAMODB_URL": url}
        await manage(environment, "create_tables")
        fixture = await make_fixture(environment, users=8, groups=2, members=6)
        async with serving({"DYNAMODB_URL": url}) as server:
            plan = Plan([server.url], fixture, seconds=10, clients=12, pace=5)
            report = await check(plan, kill_repeatedly)
    finally:
        await process.kill()
    assert not report.violations, report
    assert report.stats["acknowledged"] > 50
