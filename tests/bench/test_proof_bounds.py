"""The proofs fail when a limit is exceeded, and name it."""

from collections.abc import Sequence

import httpx
import pytest

from bench.launcher import StoreProxy
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
