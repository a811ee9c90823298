"""The short form of `bin/prove later`."""

import os
from pathlib import Path

import pytest

from bench.proofs.later import LaterConfig, prove


@pytest.mark.timeout(600)
async def test_what_is_planned_is_done_once_whoever_is_killed(tmp_path: Path) -> None:
    engines = {name: os.environ[name] for name in ("REDIS_URL", "DYNAMODB_URL", "MONGODB_URI")}
    assert await prove(engines, tmp_path, LaterConfig(count=60, reminders=10, workers=2, seconds=15), print) == []
