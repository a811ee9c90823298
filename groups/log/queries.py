"""Named queries over a log; every read is strongly consistent, but for that of the thread index (`replies_before`)."""

from collections.abc import Iterable
from itertools import islice

from dynamodb import store

from .entry import Entry

_PAGE = 1000


async def last_entry(group_id: str) -> Entry | None:
    """Return the newest entry, or None when there is no such group."""

    def query() -> Entry | None:
        found = Entry.query(group_id, limit=1, scan_index_forward=False, consistent_read=True)
        return next(iter(found), None)

    return await store.call(query)


async def entries_after(group_id: str, seq: int, *, limit: int = _PAGE) -> list[Entry]:
    """Return the entries that follow `seq`, oldest first, `limit` at most."""

    def query() -> list[Entry]:
        return list(Entry.query(group_id, Entry.seq > seq, limit=limit, consistent_read=True))

    return await store.call(query)


async def entries_before(group_id: str, seq: int, *, limit: int) -> list[Entry]:
    """Return the entries that precede `seq`, newest first, `limit` at most."""

    def query() -> list[Entry]:
        found = Entry.query(group_id, Entry.seq < seq, limit=limit, scan_index_forward=False, consistent_read=True)
        return list(found)

    return await store.call(query)


async def find_send(group_id: str, user_id: str, client_id: str, *, first: int, last: int) -> int | None:
    """Return the seq of this sender's message with this clientId between two seqs, both included."""

    def query() -> int | None:
        sent = (Entry.client_id == client_id) & (Entry.user_id == user_id)
        found = Entry.query(group_id, Entry.seq.between(first, last), filter_condition=sent, consistent_read=True)
        return next((int(entry.seq) for entry in found), None)

    return await store.call(query)


async def get_entries(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Entry]:
    """Return the entries at these (group, seq), those that exist; any number of them."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    if len(wanted) == 1:
        entry = await get_entry(*wanted[0])
        return {wanted[0]: entry} if entry else {}

    def query() -> dict[tuple[str, int], Entry]:
        return {(e.group_id, int(e.seq)): e for e in Entry.batch_get(wanted, consistent_read=True)}

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
    """Return the replies of a message that precede `seq`, newest first, as far as the index has them.

    It follows the log within moments: what has just been written may be missing, or stand there as it was before.
    """

    def query() -> list[Entry]:
        found = Entry.by_thread.query(parent_id, Entry.seq < seq, limit=limit, scan_index_forward=False)
        return list(islice(found, limit))

    return await store.call(query)


async def first_reply_after(group_id: str, seq: int, parent_id: str) -> tuple[Entry | None, bool]:
    """Return the first reply of a message among the entries that follow `seq`, and whether all of them were looked at.

    If there is one, or all were, the log has answered; it is asked for 1,000 of them.
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
    """Return which groups hold an entry past the given position: one `BatchGetItem` for a hundred groups."""
    found = await get_entries((group_id, seq + 1) for group_id, seq in positions.items())
    return {group_id for group_id, _ in found}
