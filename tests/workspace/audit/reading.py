"""Reads of the audit log for tests, which share its table."""

from typing import Any

from workspace import audit
from workspace.audit import models
from workspace.audit.act import Act
from workspace.audit.models import Filter


async def acts(**which: Any) -> list[Act]:
    """Return the acts that are noted so far, the latest first."""
    await audit.drain()
    found: list[Act] = []
    start: str | None = None
    while True:
        page = await models.list_acts(Filter(**which), start=start, limit=100)
        found += page.acts
        if page.end is None:
            return found
        start = page.end
