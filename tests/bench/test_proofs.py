"""Short runs of the soak, large-data, search and hostile proofs; test_chaos.py has that of chaos."""

import os
from pathlib import Path

import pytest

from bench.proofs import hostile, large, search, soak
from bench.proofs.environment import ProofEnvironment
from bench.proofs.hostile import HostileConfig
from bench.proofs.soak import SoakConfig


@pytest.fixture
def environment(tmp_path: Path) -> ProofEnvironment:
    return ProofEnvironment({name: os.environ[name] for name in ("REDIS_URL", "DYNAMODB_URL", "MONGODB_URI")}, tmp_path)


@pytest.mark.timeout(300)
def test_a_server_does_not_grow_with_the_number_of_past_clients(environment: ProofEnvironment) -> None:
    assert soak.prove(environment, SoakConfig(rounds=2, seconds=3, clients=12, pace=3)) == []


@pytest.mark.timeout(300)
def test_a_long_log_is_read_with_few_requests(environment: ProofEnvironment) -> None:
    assert large.prove(environment, entries=2_400) == []


@pytest.mark.timeout(300)
def test_honest_clients_lose_nothing_beside_hostile_ones(environment: ProofEnvironment) -> None:
    config = HostileConfig(seconds=6, baseline=1, groups=2, pause=0.5, copies=1, history=100, gate=False)
    assert hostile.prove(environment, config) == []


@pytest.mark.timeout(300)
def test_search_finds_what_a_plain_scan_finds(environment: ProofEnvironment) -> None:
    assert search.prove(environment, messages=600, queries=4, seed=2) == []
