"""The short form of `bin/prove followers`."""

import os
from pathlib import Path

import pytest

from bench.proofs.followers import FollowersConfig, prove
from tests.bench.test_chaos import needs_wheels

CONFIG = FollowersConfig(groups=20, deleted=3, entries=3_000, writers=1, servers=1, followers=1, seconds=15)


@needs_wheels
@pytest.mark.timeout(600)
async def test_followers_skip_nothing_and_keep_the_order_under_every_fault(tmp_path: Path) -> None:
    engines = {name: os.environ[name] for name in ("DYNAMODB_URL", "MONGODB_URI")}
    assert await prove(engines, tmp_path, CONFIG, print) == []
