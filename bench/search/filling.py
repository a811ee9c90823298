"""Writes messages into the logs of groups, as they stand there, and hands them to the follower of search."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from dynamodb import store
from foundation.ids import to_wire
from groups import services as groups
from groups.log import queries
from groups.log.entry import Entry
from search.follower import SearchIndex
from search.sealing import sealer
from users.actor import Actor
from users.services import sign_in, sign_in_locally

from .corpus import Corpus
from .engines import engine_seconds

_BATCH, _WRITERS = 100, 4
# Each searcher by in how many of the groups they are.
SEARCHERS = (1, 20, 1_000)


@dataclass
class Filled:
    """What was written: the searchers by their number of groups, and texts by group and seq.

    `seconds` and `cpu` are what the follower has taken for it, in this process, `engine_seconds` what MongoDB has.
    """

    searchers: dict[int, Actor] = field(default_factory=dict)
    groups_of: dict[int, list[str]] = field(default_factory=dict)
    texts: dict[str, dict[int, str]] = field(default_factory=dict)
    seconds: float = 0.0
    cpu: float = 0.0
    engine_seconds: float = 0.0


async def fill(corpus: Corpus, messages: int, groups_count: int) -> Filled:
    """Create the groups and write the messages, spread over a year and over the groups in turn."""
    filled = Filled()
    for count in SEARCHERS:
        token = await sign_in_locally(name=f"Searcher of {count}")
        filled.searchers[count] = await sign_in(token=token)
    await _create_groups(filled, groups_count)
    per_group = messages // groups_count
    moments = iter(_moments(messages))
    for first in range(0, per_group, _BATCH):
        size = min(_BATCH, per_group - first)
        for start in range(0, groups_count, 2 * _WRITERS):
            ids = list(filled.texts)[start : start + 2 * _WRITERS]
            batches = [[(corpus.text(), next(moments)) for _ in range(size)] for _ in ids]
            entries = await asyncio.gather(*map(_write, ids, batches))
            await _follow(filled, dict(zip(ids, entries, strict=True)))
    await sealer().wait()
    return filled


async def _create_groups(filled: Filled, count: int) -> None:
    owner = await sign_in(token=await sign_in_locally(name="Owner"))
    for number in range(count):
        # Spread over all groups, each searcher in so many of them.
        sizes = [size for size in SEARCHERS if _share(number + 1, size, count) > _share(number, size, count)]
        ids = [filled.searchers[size].user_id for size in sizes]
        group = await groups.create_group(actor=owner, name=f"Group {number}", member_ids=ids)
        filled.texts[group.id] = {}
        for size in sizes:
            filled.groups_of.setdefault(size, []).append(group.id)


def _share(number: int, size: int, count: int) -> int:
    return number * min(size, count) // count


def _moments(count: int) -> Iterator[str]:
    begin, step = datetime.now(UTC) - timedelta(days=365), timedelta(days=364) / max(1, count)
    return (to_wire(begin + number * step) for number in range(count))


async def _write(group_id: str, messages: list[tuple[str, str]]) -> list[Entry]:
    head = await queries.last_entry(group_id)
    seq, count, author = (int(head.seq), int(head.message_count), head.user_id) if head else (0, 0, "")
    entries = [
        Entry(
            group_id,
            seq + number,
            kind="message",
            user_id=author,
            created_at=moment,
            message_count=count + number,
            nonce="-",
            content=text,
            version=1,
        )
        for number, (text, moment) in enumerate(messages, 1)
    ]

    def put() -> None:
        with Entry.batch_write() as batch:
            for entry in entries:
                batch.save(entry)

    await store.call(put)
    return entries


async def _follow(filled: Filled, by_group: dict[str, list[Entry]]) -> None:
    begin, cpu, engine = time.monotonic(), time.process_time(), engine_seconds()
    for group_id, entries in by_group.items():
        await SearchIndex().handle(group_id, entries, notify=False)
        filled.texts[group_id] |= {int(entry.seq): entry.content or "" for entry in entries}
    filled.seconds += time.monotonic() - begin
    filled.cpu += time.process_time() - cpu
    filled.engine_seconds += engine_seconds() - engine
