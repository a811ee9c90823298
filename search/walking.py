"""Walks what a query may find from the newest message back, in steps that are bounded, for as long as there is time.

The newest messages of the groups are compared with the query one by one: that ends most searches for what is common,
and those in few messages. What is older is found by the blocks, or where a query has no key, compared too.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from foundation.slices import in_slices

from . import blocks, index
from .blocks import Outline, newest_first
from .criteria import Criteria
from .index import Hit

# How many messages are compared at first, and in each step where there is no key; how many candidates of the blocks.
_FIRST, _STEP, _CANDIDATES = 2_000, 10_000, 100
# How many blocks are read together, at first and at most. What few of them have is rare: each step is a few calls to
# MongoDB that wait for each other, which takes longer than what they read.
_FEWEST_BLOCKS, _GROWTH, _MOST_BLOCKS = 4, 8, 64
# Of so few groups the bits are made; of more each candidate is looked at.
_FEW_GROUPS = 100
_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, newest first; `below` is the place before which to go on, None: nothing else is found."""

    hits: list[Hit]
    below: int | None


@dataclass
class Search:
    """One search: what is found of `criteria` before the place `below`, `wanted` at most, until `deadline`."""

    criteria: Criteria
    below: int
    wanted: int
    deadline: float = field(default_factory=lambda: time.monotonic() + _SECONDS)

    async def run(self) -> Found:
        """Return what is found; raises `Unavailable`."""
        criteria = self.criteria
        if not criteria.group_ids or criteria.first >= self.below:
            return Found([], None)
        if criteria.ids is not None:
            found = await index.find_among(sorted(criteria.ids), criteria.matching())
            return self._found([hit for hit in found if criteria.first <= hit.place < self.below], None)
        hits, below = await self._compare([], self.below, _FIRST)
        if below is None or len(hits) >= self.wanted:
            return self._found(hits, below)
        if criteria.keys():
            return await self._walk_blocks(hits, below)
        while below is not None and len(hits) < self.wanted and time.monotonic() < self.deadline:
            hits, below = await self._compare(hits, below, _STEP)
        return self._found(hits, below)

    async def _compare(self, hits: list[Hit], below: int, size: int) -> tuple[list[Hit], int | None]:
        """Compare the messages before a place; return the hits with those before, and where to go on."""
        group_ids, first = self.criteria.group_ids, self.criteria.first
        end = await index.find_end(group_ids, below, size)
        start = max(first, end or 0)
        limit = self.wanted - len(hits)
        found = await index.find_between(group_ids, self.criteria.matching(), (start, below), limit)
        is_last = end is None or end <= first
        return hits + found, None if is_last and len(found) < limit else start

    def _found(self, hits: Iterable[Hit], below: int | None) -> Found:
        ordered = sorted(set(hits), reverse=True)
        page = ordered[: self.wanted]
        return Found(page, page[-1].place) if len(page) == self.wanted else Found(page, below)

    async def _walk_blocks(self, hits: list[Hit], below: int) -> Found:
        criteria, wanted = self.criteria, self.wanted - len(hits)
        # Before the list of blocks: what leaves the tail meanwhile is in a block that is listed then.
        tail = await index.find_in_tail(criteria.group_ids, criteria.matching(), (criteria.first, below), wanted)
        outlines = [one for one in await blocks.list_blocks() if one.first < below and one.last >= criteria.first]
        found, waiting = set(tail), list[Hit]()
        position, count = 0, _FEWEST_BLOCKS
        while position < len(outlines) or waiting:
            read = outlines[position : position + count]
            waiting += await self._candidates(read, below)
            position += len(read)
            # Where a block has many, more of them together would hold up the loop.
            count = min(_GROWTH * count, _MOST_BLOCKS) if len(waiting) < blocks.SIZE else _FEWEST_BLOCKS
            # What is later than all blocks that are left has its order.
            end = outlines[position].last if position < len(outlines) else -1
            ready = sorted((hit for hit in waiting if hit.place > end), key=_place, reverse=True)
            waiting = [hit for hit in waiting if hit.place <= end]
            for start in range(0, len(ready), _CANDIDATES):
                part = ready[start : start + _CANDIDATES]
                found |= await self._verified(part)
                if self._is_over(found, part[-1].place, wanted):
                    return self._up_to(hits, found, part[-1].place)
            if self._is_over(found, end + 1, wanted):
                return self._up_to(hits, found, end + 1)
        return self._found([*hits, *found], None)

    def _is_over(self, found: Iterable[Hit], place: int, wanted: int) -> bool:
        return time.monotonic() > self.deadline or sum(hit.place >= place for hit in found) >= wanted

    def _up_to(self, hits: Iterable[Hit], found: Iterable[Hit], place: int) -> Found:
        """Return what was found from a place on; all that is later was looked at."""
        return self._found([*hits, *(hit for hit in found if hit.place >= place)], place)

    async def _candidates(self, outlines: Sequence[Outline], below: int) -> list[Hit]:
        """Return the messages in these blocks that have the keys, in the groups and the time."""
        if not outlines:
            return []
        keys, numbers = self.criteria.keys(), [one.number for one in outlines]
        rows = await blocks.read_bits(numbers, set().union(*keys))
        bits = {number: there async for number in in_slices(numbers) if (there := _having(rows, number, keys))}
        own, hits = set(self.criteria.group_ids), list[Hit]()
        async for number, block in in_slices((await blocks.load(list(bits))).items()):
            there = bits[number] & block.between(self.criteria.first, below)
            if len(own) <= _FEW_GROUPS:
                there &= block.of_groups(own)
            hits += (hit for each in newest_first(there) if (hit := block.hit(each)).group_id in own)
        return hits

    async def _verified(self, candidates: Sequence[Hit]) -> set[Hit]:
        ids = [hit.id for hit in candidates]
        return set(await index.find_among(ids, self.criteria.matching()))


def _place(hit: Hit) -> int:
    return hit.place


def _having(rows: Mapping[tuple[int, int], int], number: int, keys: Iterable[Iterable[int]]) -> int:
    """Return the bits of the messages of a block that have one key at least of each set."""
    bits = -1
    for alternatives in keys:
        one = 0
        for key in alternatives:
            one |= rows.get((number, key), 0)
        bits &= one
    return max(bits, 0)
