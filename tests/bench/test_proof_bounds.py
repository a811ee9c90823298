"""The proofs can say no: what is over a bound is named."""

from collections.abc import Sequence

import httpx
import pytest

from bench.proofs.large import Reader
from bench.proofs.soak import MAX_GROWTH, Usage, growth
from bench.stage import Front

pytestmark = pytest.mark.unit


def test_each_thing_that_grew_by_more_than_it_may_is_named() -> None:
    first = Usage(memory=100, files=30, tasks=12)
    most = Usage(first.memory + MAX_GROWTH.memory, first.files + MAX_GROWTH.files, first.tasks + MAX_GROWTH.tasks)
    assert growth(first, most) == []
    faults = growth(first, Usage(most.memory + 1, most.files + 1, most.tasks + 1))
    assert [what in fault for what, fault in zip(("memory", "open files", "tasks"), faults, strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("made", "right", "faults"),
    [
        (3, True, []),
        (4, True, ["the page took 4 requests to the store, not 3 at most"]),
        (3, False, ["the page did not show what was written"]),
    ],
    ids=["as few as allowed", "one too many", "another page"],
)
async def test_too_many_requests_and_wrong_answers_are_faults(
    monkeypatch: pytest.MonkeyPatch, made: int, right: bool, faults: Sequence[str]
) -> None:
    counts = iter([{"Query Messages": 10}, {"Query Messages": 10 + made}])
    monkeypatch.setattr(Front, "counts", lambda _: next(counts))

    async def ask() -> bool:
        return right

    async with httpx.AsyncClient() as http:
        reader = Reader(http, Front("http://front"), "group_1")
        await reader.measure("the page", 3, ask)
    assert reader.faults == faults
