"""Searches wait for their turns, for a bounded time, and nobody has all of them."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from foundation.errors import RateLimited, Unavailable
from search import turns
from search.turns import turn_of


async def test_a_user_has_two_and_others_have_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    async with turn_of("a"), turn_of("a"):
        third = asyncio.create_task(turn_of("a").__aenter__())
        async with turn_of("b"):
            await asyncio.sleep(0)
            assert not third.done()
        monkeypatch.setattr(turns, "_WAIT", 0.01)
        with pytest.raises(RateLimited):
            await turn_of("a").__aenter__()
        third.cancel()
    async with turn_of("a"), turn_of("a"):
        pass


async def test_where_all_are_taken_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_WAIT", 0.01)
    async with AsyncExitStack() as stack:
        for number in range(turns._AT_ONCE):
            await stack.enter_async_context(turn_of(f"user {number}"))
        with pytest.raises(Unavailable):
            await stack.enter_async_context(turn_of("another"))
    async with turn_of("another"):
        pass
