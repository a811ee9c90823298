"""Followers for tests, and what follows groups with them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from groups.followers import places, registrations
from groups.followers.follower import FROM_FIRST, Follower
from groups.followers.slices import Result, Slice
from groups.log.entry import Entry


class Recorder(Follower):
    """Notes what it is given, (seq, notify) by group; `fails` raises for entries that it does not like."""

    def __init__(self, name: str = "recorder", start: str = FROM_FIRST) -> None:
        self.name, self.start = name, start
        self.seen: dict[str, list[tuple[int, bool]]] = {}
        self.calls = 0
        self.forgotten: list[str] = []
        self.fails: Callable[[Entry], Any] = lambda entry: None

    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        self.calls += 1
        for entry in entries:
            result = self.fails(entry)
            if asyncio.iscoroutine(result):
                await result
        self.seen.setdefault(group_id, []).extend((int(entry.seq), notify) for entry in entries)

    async def forget(self, group_id: str) -> None:
        self.forgotten.append(group_id)

    def seqs(self, group_id: str) -> list[int]:
        return [seq for seq, _ in self.seen.get(group_id, ())]


async def follow(group_id: str, *followers: Follower) -> Result:
    """Follow a group for a slice, as a process does that has just read the followers' places."""
    there = await registrations.load(followers)
    known = (await places.find([group_id]))[group_id]
    return await Slice(known, {each.name: (each, there[each.name]) for each in followers}).run()
