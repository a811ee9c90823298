"""Small blocks, so that few messages fill several."""

from collections.abc import AsyncIterator

import pytest

from search import blocks, sealing
from search.sealing import sealer


@pytest.fixture
async def small_blocks(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(blocks, "SIZE", 32)
    monkeypatch.setattr(sealing, "MAX_TAIL", 40)
    yield
    await sealer().wait()
