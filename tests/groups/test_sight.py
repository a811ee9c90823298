"""Who is around somebody is read of few groups, some at a time."""

import asyncio
from collections.abc import Collection
from types import SimpleNamespace

import pytest

from groups import memberships, models, sight
from groups.models import GROUP

pytestmark = pytest.mark.unit


class Groups:
    """The groups of somebody, each with two members of its own and one whom all have; `most` are read at once."""

    def __init__(self, count: int) -> None:
        self._ids = {f"group_{number}" for number in range(count)}
        self._now = self.reads = self.most = 0

    async def find_group_ids(self, user_id: str) -> set[str]:
        return self._ids

    async def find_memberships(self, user_id: str, group_ids: Collection[str]) -> list[SimpleNamespace]:
        return [SimpleNamespace(group=SimpleNamespace(id=group_id, kind=GROUP), peer_ids=[]) for group_id in group_ids]

    async def list_members(self, group_id: str, *, limit: int) -> list[SimpleNamespace]:
        self.reads += 1
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        ids = [f"{group_id}_a", f"{group_id}_b", "user_all"]
        return [SimpleNamespace(user_id=user_id) for user_id in ids][:limit]


def groups_of(monkeypatch: pytest.MonkeyPatch, count: int) -> Groups:
    groups = Groups(count)
    monkeypatch.setattr(memberships, "find_group_ids", groups.find_group_ids)
    monkeypatch.setattr(memberships, "find_memberships", groups.find_memberships)
    monkeypatch.setattr(models, "list_members", groups.list_members)
    return groups


async def test_few_groups_are_read_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = groups_of(monkeypatch, 50)
    found = await sight.around("user", 1_000)
    assert found is not None
    assert (len(found), found == sorted(set(found))) == (101, True)
    assert (groups.reads, groups.most) == (50, 10)


async def test_of_many_groups_none_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = groups_of(monkeypatch, 51)
    assert await sight.around("user", 1_000) is None
    assert groups.reads == 0


async def test_the_rest_is_not_read_once_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = groups_of(monkeypatch, 50)
    assert await sight.around("user", 12) is None
    assert groups.reads == 10
