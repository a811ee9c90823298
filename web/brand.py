"""The workspace's name and logo on all pages."""

import asyncio
import contextlib
from typing import Any

from django.http import HttpRequest

from foundation.errors import Unavailable
from workspace import policies
from workspace.settings import NAME

# Seconds that a page waits for its name while the store does not answer; it then has the one that is known.
_PATIENCE = 0.5


async def read() -> None:
    """Have what a template shows be as late as this process can know soon."""
    with contextlib.suppress(Unavailable, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await policies.get_current()


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Return what every template gets; it may be called in a thread, so that it reads nothing."""
    current = policies.latest()
    return {"workspace": {"name": current.name, "logo_url": current.logo_url} if current else {"name": NAME}}
