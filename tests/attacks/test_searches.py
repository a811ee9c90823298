"""No query holds up the loop, takes more than its time, or finds what it should not."""

import asyncio
import json
import time
from contextlib import suppress
from urllib.parse import quote

import pytest
from pytest_django import Settings

from foundation.errors import Invalid, RateLimited
from foundation.limits.rates import parse_rates
from messaging import services
from search import selectors
from search.query import MAX_LENGTH, MAX_PARTS
from search.sealing import seal
from tests.cast import Person
from tests.search.searching import found, index, say

from .corpus.requests import Request
from .raw_http import exchange
from .turns import MAX_SECONDS, Turns

_HOSTILE = (
    "(a+)+$ ((((((((((((((((((((",
    "[" * 400,
    "\\" * 400,
    ".*" * 200,
    "é" * MAX_LENGTH,
    " ".join(["ab"] * MAX_PARTS),
    " ".join(f"-from:x{number}" for number in range(MAX_PARTS)),
    '"' * 300,
    "from:" * 80,
    "- " * 200,
    "\u0301" * 300,
    "人" * 400,
    "ﷺ" * 400,
)


@pytest.fixture
async def heavy(alice: Person, group_id: str) -> str:
    """A group with the longest messages, in a script whose folding takes longest."""
    for number in range(30):
        await services.send_message(actor=alice.actor, group_id=group_id, content=f"{'Ǻé人' * 3_300}{number}")
    await index(group_id)
    await seal()
    return group_id


@pytest.mark.parametrize("order", selectors.ORDERS)
async def test_no_query_holds_up_the_loop(port: int, alice: Person, heavy: str, turns: Turns, order: str) -> None:
    for query in (*_HOSTILE, "é人", "Ǻé -zz"):
        path = f"/api/search?limit=50&order={order}&q={quote(query)}"
        raw = Request(path, "GET", path).raw({"$cookie": f"__session={alice.token}"})
        seconds, callback = await turns.best(lambda: asyncio.to_thread(exchange, port, raw))  # noqa: B023
        assert seconds < MAX_SECONDS, (query, callback)


@pytest.mark.parametrize("query", _HOSTILE, ids=range(len(_HOSTILE)))
async def test_a_query_finds_its_own_characters_or_is_refused(alice: Person, group_id: str, query: str) -> None:
    await say(alice, group_id, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")
    await index(group_id)
    with suppress(Invalid):
        assert await found(alice, query) == []


async def test_a_search_that_takes_too_long_says_where_to_go_on(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [await say(alice, group_id, "needle" if number % 7 == 0 else "hay") for number in range(30)]
    await index(group_id)
    monkeypatch.setattr(selectors, "_SECONDS", -1.0)
    monkeypatch.setattr("search.walking._FIRST", 4)
    # Nothing by which the index finds it: each message is compared.
    page = await selectors.search(actor=alice.actor, query=f"in:{group_id} -hay")
    assert "nextCursor" in page
    assert len(page["items"]) < 5
    assert await found(alice, f"in:{group_id} -hay") == ids[28::-7]
    assert len(json.dumps(page)) < 10_000


async def test_who_searches_too_often_waits(alice: Person, group_id: str, settings: Settings) -> None:
    settings.RATE_LIMITS = parse_rates({"search": "3/60s"}, "")
    for _ in range(3):
        await selectors.search(actor=alice.actor, query="ahoy")
    with pytest.raises(RateLimited):
        await selectors.search(actor=alice.actor, query="ahoy")


async def test_very_many_searches_at_once_end(alice: Person, group_id: str) -> None:
    await say(alice, group_id, "ahoy")
    await index(group_id)
    begin = time.monotonic()
    pages = await asyncio.gather(*(selectors.search(actor=alice.actor, query="ahoy") for _ in range(40)))
    assert {len(page["items"]) for page in pages} == {1}
    assert time.monotonic() - begin < 30
