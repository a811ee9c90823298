"""A request leaves nothing to the garbage collector, which stops the event loop for all that it finds."""

import asyncio
import gc
from collections.abc import Iterator

import pytest

from tests.cast import Person

from .corpus.requests import Request
from .raw_http import exchange
from .stage import scenery

_TIMES = 20
REQUESTS = {
    "a probe": Request("probe", "GET", "/api/health/live"),
    "a list": Request("list", "GET", "/api/groups"),
    "messages": Request("messages", "GET", "/api/messages?groupId=$group"),
    "a message": Request("message", "POST", "/api/messages", b"[]", {"Content-Type": "application/json"}),
    "nobody": Request("nobody", "GET", "/api/users/me", headers={"Authorization": "Bearer x", "Cookie": ""}),
}


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_leaves_no_cycles(port: int, alice: Person, bob: Person, uncollected: None, name: str) -> None:
    raw = REQUESTS[name].raw(await scenery(alice, bob))
    await asyncio.to_thread(exchange, port, raw)
    gc.collect()
    for _ in range(_TIMES):
        answer = await asyncio.to_thread(exchange, port, raw)
        assert answer.status
    # It was 120 to 150 objects a request.
    assert gc.collect() < 30 * _TIMES
