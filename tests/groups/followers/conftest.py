"""What the tests of followers share."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from groups.followers import follower
from groups.followers.wake_queue import wake_queue
from groups.followers.wakes import close_wakes, wakes

from .recording import Recorder


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The only follower that there is; nobody has heard its name before."""
    only = Recorder(f"recorder {uuid4().hex[:8]}")
    monkeypatch.setattr(follower, "_followers", {only.name: only})
    return only


@pytest.fixture
async def _empty_queue() -> AsyncIterator[None]:
    """Other tests have woken groups too."""
    await wakes().write()
    await wake_queue().clear()
    yield
    await close_wakes()
