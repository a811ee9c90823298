"""The short forms of bin/prove's soak and large data; that of chaos is in test_chaos.py."""

import os
from pathlib import Path

import pytest

from bench.proofs import large, soak
from bench.proofs.soak import Size
from bench.proofs.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage({name: os.environ[name] for name in ("REDIS_URL", "DYNAMODB_URL", "MONGODB_URI")}, tmp_path)


@pytest.mark.timeout(300)
def test_a_server_holds_no_more_after_more_clients_have_come_and_gone(stage: Stage) -> None:
    assert soak.prove(stage, Size(rounds=2, seconds=3, clients=12, pace=3)) == []


@pytest.mark.timeout(300)
def test_a_long_log_is_read_with_few_requests(stage: Stage) -> None:
    assert large.prove(stage, entries=2_400) == []
