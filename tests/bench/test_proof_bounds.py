"""The proofs fail when a limit is exceeded, and name it."""

from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from bench.launcher import StoreProxy
from bench.proofs.honest import Waits
from bench.proofs.hostile import longer_waits, tracebacks
from bench.proofs.large import Reader
from bench.proofs.soak import MAX_GROWTH, Usage, growth

pytestmark = pytest.mark.unit


def test_each_resource_that_grew_beyond_its_limit_is_a_failure() -> None:
    first = Usage(memory=100, files=30, tasks=12)
    largest = Usage(first.memory + MAX_GROWTH.memory, first.files + MAX_GROWTH.files, first.tasks + MAX_GROWTH.tasks)
    assert growth(first, largest) == []
    failures = growth(first, Usage(largest.memory + 1, largest.files + 1, largest.tasks + 1))
    assert [what in fault for what, fault in zip(("memory", "open files", "tasks"), failures, strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize(
    ("made", "is_right", "failures"),
    [
        (3, True, []),
        (4, True, ["the page took 4 requests to the store, not 3 at most"]),
        (3, False, ["the page did not return what was written"]),
    ],
    ids=["at the limit", "over the limit", "wrong result"],
)
async def test_too_many_requests_and_wrong_results_are_failures(
    monkeypatch: pytest.MonkeyPatch, made: int, is_right: bool, failures: Sequence[str]
) -> None:
    counts = iter([{"Query Messages": 10}, {"Query Messages": 10 + made}])
    monkeypatch.setattr(StoreProxy, "counts", lambda _: next(counts))

    async def read() -> bool:
        return is_right

    async with httpx.AsyncClient() as http:
        reader = Reader(http, StoreProxy("http://proxy"), "group_1")
        await reader.measure("the page", 3, read)
    assert reader.failures == failures


def waits(delivery: float, acknowledgement: float) -> Waits:
    return Waits({"p50": 1.0, "p99": delivery}, {"p50": 1.0, "p99": acknowledgement}, {"polling": delivery}, {}, 1)


@pytest.mark.parametrize(
    ("before", "after", "failures"),
    [
        (waits(10, 8), waits(60, 58), []),
        (waits(80, 80), waits(160, 160), []),
        (waits(10, 8), waits(61, 8), ["the p99 of a delivery is 61 ms, not 60 at most (10 before)"]),
        (waits(80, 80), waits(80, 161), ["the p99 of an acknowledgement is 161 ms, not 160 at most (80 before)"]),
    ],
    ids=["50 ms more", "twice as long", "over 50 ms more", "over twice as long"],
)
def test_waits_that_grow_by_more_than_is_allowed_are_failures(before: Waits, after: Waits, failures: list[str]) -> None:
    assert list(longer_waits(before, after)) == failures


@pytest.mark.parametrize("sign", ["Traceback (most recent call last):", "Task exception was never retrieved"])
def test_a_log_with_an_error_that_nobody_foresaw_is_a_failure(tmp_path: Path, sign: str) -> None:
    log = tmp_path / "server.log"
    log.write_text("a warning\n")
    assert not list(tracebacks(log))
    log.write_text(f"a warning\n{sign}\n  cause")
    (failure,) = tracebacks(log)
    assert "cause" in failure
