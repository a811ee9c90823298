"""Writers that get in each other's way wait for random times that grow, so that one of them comes through."""

import asyncio
from collections.abc import Iterator

import pytest

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Unavailable
from foundation.ids import new_id
from groups import services
from groups.log import appender, writing
from groups.log.entry import Entry
from groups.log.proposal import Append
from tests.cast import Person

from .sending import send


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The delays that were drawn for appends and for creations."""
    delays: list[float] = []

    def noting(retries: int, *, base: float, cap: float) -> Iterator[float]:
        for delay in backoff(retries, base=base, cap=cap):
            delays.append(delay)
            yield delay

    monkeypatch.setattr(appender, "backoff", noting)
    monkeypatch.setattr(services.storing, "backoff", noting)
    return delays


def check(delays: list[float], longest: list[float], elapsed: float) -> None:
    assert len(delays) == len(longest)
    assert all(0 <= delay <= limit for delay, limit in zip(delays, longest, strict=True))
    assert max(delays) > longest[-1] / 2
    assert elapsed > sum(delays) * 0.9


async def test_an_append_that_conflicts_every_time_waits_longer_and_longer(
    alice: Person, group_id: str, delays: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def conflict(appends: list[Append]) -> None:
        raise store.ConditionFailed

    monkeypatch.setattr(writing, "write_appends", conflict)
    start = asyncio.get_running_loop().time()
    with pytest.raises(Unavailable):
        await send(alice, group_id, "c1")
    elapsed = asyncio.get_running_loop().time() - start
    check(delays, [0.002, 0.004, 0.008, 0.016, 0.032, *[0.05] * 54], elapsed)


async def test_a_creation_that_conflicts_every_time_waits_longer_and_longer(delays: list[float]) -> None:
    def conflict() -> None:
        raise store.ConditionFailed

    start = asyncio.get_running_loop().time()
    with pytest.raises(Unavailable):
        await services.store_group(Entry(new_id("group", 16), 1, nonce="n_1"), conflict)
    elapsed = asyncio.get_running_loop().time() - start
    check(delays, [0.01, 0.02, 0.04, 0.08, *[0.1] * 15], elapsed)
