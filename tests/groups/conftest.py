"""Fixtures for the tests of a group's log."""

from typing import Any

import pytest

from groups.log import queries


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The limit of each backward read of a log, in order."""
    limits: list[int] = []
    read = queries.entries_before

    async def counted(group_id: str, seq: int, *, limit: int) -> Any:
        limits.append(limit)
        return await read(group_id, seq, limit=limit)

    monkeypatch.setattr(queries, "entries_before", counted)
    return limits
