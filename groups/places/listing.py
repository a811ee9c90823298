"""The rows by which public groups are found, in one partition of the Groups table: `public` (docs/decisions/0045).

`name#<folded name>` lists each group once, and `key#<...>` has it under its name from each of its words on, as people
are found (`users.folding`). They change in the transaction that changes the group. Each query raises what `store.call`
raises.
"""

from dataclasses import dataclass
from functools import partial

from pynamodb.transactions import TransactWrite

from dynamodb import store
from groups.log.proposal import RowWrite
from groups.models import Group
from groups.rows import GroupRow
from users.folding import fold, keys_of
from users.names import key_of, sort_key

_PARTITION = "public"
_NAME, _KEY = "name#", "key#"
# Greater than every character of a key.
_PAST_KEYS = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Listed:
    """Public groups in the order of the keys by which they were found; `last_item` is where the next page begins."""

    group_ids: list[str]
    last_item: str | None


def rows_of(group: Group) -> list[GroupRow]:
    """Return the rows that list a group: none for one that is private or archived."""
    if not group.is_listed:
        return []
    keys = [_NAME + fold(group.name), *(_KEY + key for key in keys_of(group.name))]
    return [GroupRow(_PARTITION, sort_key(key, group.id), name=group.name) for key in keys]


def relist_writes(before: Group, after: Group) -> tuple[RowWrite, ...]:
    """Return the writes that list a group as it is from now on: 34 at most, for a name has up to 16 keys."""
    rows = rows_of(after)
    kept = {row.item for row in rows}
    gone = [row for row in rows_of(before) if row.item not in kept]
    return (*(partial(_save, row) for row in rows), *(partial(_delete, row) for row in gone))


def unlist_writes(group: Group) -> tuple[RowWrite, ...]:
    """Return the writes that take a group that is deleted out of the directory."""
    return tuple(partial(_delete, row) for row in rows_of(group))


def _save(row: GroupRow, transaction: TransactWrite) -> None:
    transaction.save(row)


def _delete(row: GroupRow, transaction: TransactWrite) -> None:
    transaction.delete(row)


async def find(query: str, *, limit: int, after: str | None = None) -> Listed:
    """Return up to `limit` groups whose name, or a word of it on, begins with `query`, each once; by their names.

    With `after`, a `last_item`, those that follow it.
    """
    prefix = fold(query.strip().removeprefix("#"))
    start = f"{_KEY}{prefix}" if prefix else _NAME
    first, last = max(start, f"{after}\0" if after else ""), start + _PAST_KEYS
    rows: list[GroupRow] = []
    # A name has several keys that begin alike: more rows than groups.
    while first <= last and len(rows) <= limit:
        page = await store.call(_read, first, last, 2 * limit)
        rows += [row for row in page if not prefix or _leads(row, prefix)]
        if len(page) < 2 * limit:
            break
        first = f"{page[-1].item}\0"
    shown = rows[:limit]
    return Listed([row.item.rpartition("\n")[2] for row in shown], shown[-1].item if len(rows) > limit else None)


def _leads(row: GroupRow, prefix: str) -> bool:
    """Return whether the row's key is the least of its group's with this beginning: one row of each group is that."""
    return key_of(row.item.removeprefix(_KEY)) == min(key for key in keys_of(row.name or "") if key.startswith(prefix))


def _read(first: str, last: str, limit: int) -> list[GroupRow]:
    between = GroupRow.item.between(first, last)
    return list(GroupRow.query(_PARTITION, between, consistent_read=True, limit=limit, page_size=limit))
