"""The workspace's name and logo on all pages."""

import contextlib
from typing import Any

from django.http import HttpRequest

from foundation.errors import Unavailable
from workspace import models, policies


async def read() -> None:
    """Have what a template shows be no older than this process knows; while nothing can be read, it stays."""
    with contextlib.suppress(Unavailable):
        await policies.get_current()


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Return what every template gets; it may be called in a thread, so that it reads nothing."""
    current = policies.latest()
    return {"workspace": {"name": current.name, "logo_url": current.logo_url} if current else {"name": models.NAME}}
