"""What the tests of followers share."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import override_settings

from groups.followers import follower
from groups.followers.wake_queue import wake_queue
from groups.followers.wakes import close_wakes

from .recording import Recorder


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The only follower that there is; nobody has heard its name before."""
    only = Recorder(f"recorder {uuid4().hex[:8]}")
    monkeypatch.setattr(follower, "_followers", {only.name: only})
    return only


@pytest.fixture
async def _empty_queue() -> AsyncIterator[None]:
    """A queue that no other process knows: servers of other tests follow what is in theirs."""
    await close_wakes()
    with override_settings(NAMESPACE=f"{settings.NAMESPACE}-{uuid4().hex[:8]}"):
        wake_queue()
    yield
    await wake_queue().clear()
    await close_wakes()
