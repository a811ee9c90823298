"""Named queries on a log; all reads are strongly consistent but those of the thread index (`replies_...`)."""

import asyncio
from collections.abc import Iterable, Mapping
from itertools import islice

from dynamodb import store
from realtime.hub.change import Position

from .entry import Entry

_PAGE = 1000
# The most keys of one `BatchGetItem`.
_MAX_KEYS = 100
_OUTLINE = (
    *("groupId", "seq", "kind", "userId", "createdAt", "messages", "alls", "parentId", "replyNumber", "replyAlls"),
    *("all", "mentions", "namedLater", "deleted"),
)
# Others have their turns on the event loop between two reads.
_OUTLINES_A_READ = 250


async def last_entry(group_id: str) -> Entry | None:
    """Return the newest entry, or None when there is no such group."""

    def query() -> Entry | None:
        newest = Entry.query(group_id, limit=1, scan_index_forward=False, consistent_read=True)
        return next(iter(newest), None)

    return await store.call(query)


async def entries_after(group_id: str, seq: int, *, limit: int = _PAGE) -> list[Entry]:
    """Return the entries that follow `seq`, oldest first, `limit` at most."""

    def query() -> list[Entry]:
        return list(Entry.query(group_id, Entry.seq > seq, limit=limit, consistent_read=True))

    return await store.call(query)


async def outlines_after(group_id: str, seq: int, *, limit: int) -> list[Entry]:
    """Return the entries that follow `seq`, oldest first, `limit` at most, without what they say."""

    def query() -> list[Entry]:
        return list(
            Entry.query(
                group_id,
                Entry.seq > seq,
                limit=limit,
                page_size=_OUTLINES_A_READ,
                consistent_read=True,
                attributes_to_get=list(_OUTLINE),
            )
        )

    return await store.call(query)


async def entries_before(group_id: str, seq: int, *, limit: int) -> list[Entry]:
    """Return the entries that precede `seq`, newest first, `limit` at most."""

    def query() -> list[Entry]:
        return list(Entry.query(group_id, Entry.seq < seq, limit=limit, scan_index_forward=False, consistent_read=True))

    return await store.call(query)


async def find_send(
    group_id: str, user_id: str, client_id: str, *, first: int, last: int, limit: int
) -> tuple[int | None, int]:
    """Search entries between two seqs, both included, for this sender's message with this clientId, oldest first.

    One request reads `limit` of them at most, and 1 MB. Returns the message's seq, or None, and the seq up to which
    the entries were searched.
    """

    def query() -> tuple[int | None, int]:
        same_send = (Entry.client_id == client_id) & (Entry.user_id == user_id)
        in_range = Entry.seq.between(first, last)
        pages = Entry.query(
            group_id, in_range, filter_condition=same_send, page_size=limit, consistent_read=True
        ).page_iter
        items = next(pages)["Items"]
        end = pages.last_evaluated_key
        return (int(items[0]["seq"]["N"]) if items else None), (int(end["seq"]["N"]) if end else last)

    return await store.call(query)


async def get_entries(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Entry]:
    """Return those of any number of entries that exist, by (group id, seq)."""
    unique = list(dict.fromkeys(keys))
    if not unique:
        return {}
    if len(unique) == 1:
        entry = await get_entry(*unique[0])
        return {unique[0]: entry} if entry else {}

    def query() -> dict[tuple[str, int], Entry]:
        return {(e.group_id, int(e.seq)): e for e in Entry.batch_get(unique, consistent_read=True)}

    return await store.call(query)


async def get_entry(group_id: str, seq: int) -> Entry | None:
    """Return the entry at `seq`, or None."""

    def query() -> Entry | None:
        try:
            return Entry.get(group_id, seq, consistent_read=True)
        except Entry.DoesNotExist:
            return None

    return await store.call(query)


async def replies_before(parent_id: str, seq: int, *, limit: int) -> list[Entry]:
    """Return the replies of a message that precede `seq`, newest first, `limit` at most, as the thread index has them.

    The index is eventually consistent: it may lack a reply that was just written, or hold its former state.
    """

    def query() -> list[Entry]:
        replies = Entry.by_thread.query(parent_id, Entry.seq < seq, limit=limit, scan_index_forward=False)
        return list(islice(replies, limit))

    return await store.call(query)


async def replies_after(parent_id: str, seq: int, *, limit: int) -> list[Entry]:
    """Return the replies of a message that follow `seq`, oldest first, `limit` at most, as the index has them."""

    def query() -> list[Entry]:
        return list(islice(Entry.by_thread.query(parent_id, Entry.seq > seq, limit=limit), limit))

    return await store.call(query)


async def first_reply_after(group_id: str, seq: int, parent_id: str) -> tuple[Entry | None, bool]:
    """Search up to 1,000 entries that follow `seq` for the first reply of a message.

    Returns the reply, or None, and whether all entries that follow `seq` were searched.
    """

    def query() -> tuple[Entry | None, bool]:
        of_thread = Entry.parent_id == parent_id
        pages = Entry.query(
            group_id, Entry.seq > seq, filter_condition=of_thread, page_size=_PAGE, consistent_read=True
        ).page_iter
        items = next(pages)["Items"]
        return (Entry.from_raw_data(items[0]) if items else None), pages.last_evaluated_key is None

    return await store.call(query)


async def groups_ahead(positions: dict[str, int]) -> set[str]:
    """Return the ids of the groups whose log goes past the seq in `positions`: one `BatchGetItem` for 100 groups.

    `positions` maps group ids to a seq.
    """
    entries = await get_entries((group_id, seq + 1) for group_id, seq in positions.items())
    return {group_id for group_id, _ in entries}


async def heads_among(seqs: Mapping[str, int]) -> dict[str, Position]:
    """Return the positions of the logs, of those with the given seq, that end there: fifty logs a `BatchGetItem`.

    Such a log has the entry `seq`, and none after it.
    """
    pairs = list(seqs.items())
    chunks = [pairs[start : start + _MAX_KEYS // 2] for start in range(0, len(pairs), _MAX_KEYS // 2)]
    heads: dict[str, Position] = {}
    for found in await asyncio.gather(*map(_read_heads, chunks)):
        heads |= found
    return heads


async def _read_heads(pairs: list[tuple[str, int]]) -> dict[str, Position]:
    keys = [key for group_id, seq in pairs for key in ((group_id, seq), (group_id, seq + 1))]

    def query() -> dict[tuple[str, int], Position]:
        found = Entry.batch_get(keys, consistent_read=True, attributes_to_get=["groupId", "seq", "messages", "alls"])
        return {(e.group_id, int(e.seq)): e.position for e in found}

    entries = await store.call(query)
    return {key[0]: entries[key] for key in pairs if key in entries and (key[0], key[1] + 1) not in entries}
