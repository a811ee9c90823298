"""What the tests of a group's log share."""

from typing import Any

import pytest

from groups.log import queries


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The limits of the reads backwards that are made."""
    made: list[int] = []
    read = queries.entries_before

    async def counted(group_id: str, seq: int, *, limit: int) -> Any:
        made.append(limit)
        return await read(group_id, seq, limit=limit)

    monkeypatch.setattr(queries, "entries_before", counted)
    return made
