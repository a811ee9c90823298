"""A process starts once, before the first request, whether its server sends lifespan events or not."""

import asyncio
from typing import Any

import pytest

from chatproject import process
from chatproject.lifespan import StartedFirst
from chatproject.process import Startup, startup

pytestmark = pytest.mark.unit


class Starts:
    """Counts the starts; the first of them waits until it is told to go on, and may fail."""

    def __init__(self) -> None:
        self.count = 0
        self.go_on = asyncio.Event()
        self.error: Exception | None = None

    async def start(self, on_drained: Any) -> None:
        self.count += 1
        await self.go_on.wait()
        if self.error:
            raise self.error


@pytest.fixture
async def starts(monkeypatch: pytest.MonkeyPatch) -> Starts:
    starts = Starts()
    monkeypatch.setattr(process, "_start", starts.start)
    startup.pop()
    return starts


async def test_requests_that_come_together_wait_for_one_start(starts: Starts) -> None:
    served: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        served.append(scope["path"])

    first = StartedFirst(app)
    requests = [asyncio.create_task(first({"path": path}, None, None)) for path in ("/one", "/two")]  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert served == []
    starts.go_on.set()
    await asyncio.gather(*requests)
    await first({"path": "/three"}, None, None)  # type: ignore[arg-type]
    assert (served, starts.count) == (["/one", "/two", "/three"], 1)


async def test_a_start_that_failed_or_was_cancelled_is_made_again(starts: Starts) -> None:
    one = Startup()
    cancelled = asyncio.create_task(one.run())
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    starts.go_on.set()
    starts.error = RuntimeError("the engine is away")
    with pytest.raises(RuntimeError):
        await one.run()
    starts.error = None
    await one.run()
    await one.run()
    assert starts.count == 3
