"""Blocks that are in memory are there for a search, whatever other searches load meanwhile."""

from collections.abc import Coroutine
from typing import Any

import pytest

from files.storage import call
from search import blocks


async def test_one_that_makes_room_while_others_are_read_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [await blocks.next_number() for _ in range(2)]
    for number in numbers:
        await blocks.put(number, [{"o": 1, "g": "group_a", "s": 1}], {})
    await blocks.load(numbers[:1])

    async def read(reading: Coroutine[Any, Any, Any]) -> Any:
        answer: Any = await call(reading)
        blocks._loaded.clear()
        return answer

    monkeypatch.setattr(blocks, "call", read)
    assert set(await blocks.load(numbers)) == set(numbers)
