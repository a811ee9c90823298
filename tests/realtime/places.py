"""The servers that clients are tested with: one alone, and three behind a proxy that sends each request to the next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

from django.conf import settings

from tests.round_robin import round_robin
from tests.serving import serving

# With a wait, a polling session moves to the process that has its websocket; without, it is relayed.
TAKEOVER_WAITS = ("0.3", "0.3", "0")
PLACES = ("one", "three")


@asynccontextmanager
async def places() -> AsyncIterator[dict[str, str]]:
    """Yield the URLs by name."""
    together = {"ECHO_GROUP": f"echo-{uuid4().hex}", "ECHO_REDIS_URL": settings.REDIS_URL}
    application = "tests.realtime.chat_and_echo:application"
    environments = [{}, *({**together, "TAKEOVER_WAIT": wait} for wait in TAKEOVER_WAITS)]
    async with AsyncExitStack() as stack:
        starting = (stack.enter_async_context(serving(each, application=application)) for each in environments)
        alone, *others = await asyncio.gather(*starting)
        yield {"one": alone.url, "three": await stack.enter_async_context(round_robin(others))}
