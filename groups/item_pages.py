"""Many rows of a group's partition, a page a call: reading all in one would outlast what a call may take."""

from collections.abc import AsyncIterator, Iterable

from dynamodb import store

from .models import start_after
from .rows import GroupRow

PAGE = 250


async def item_pages(group_id: str, prefix: str) -> AsyncIterator[list[str]]:
    """Yield the items that begin with a prefix, in order, PAGE at a time; each consistent. Raises as `store.call`."""
    last: str | None = None
    while page := await store.call(_page, group_id, prefix, last):
        yield page
        if len(page) < PAGE:
            return
        last = page[-1]


def _page(group_id: str, prefix: str, last: str | None) -> list[str]:
    start = start_after(group_id, last) if last else None
    condition = GroupRow.item.startswith(prefix)
    rows = GroupRow.query(group_id, condition, consistent_read=True, limit=PAGE, last_evaluated_key=start)
    return [row.item for row in rows]


async def delete_items(group_id: str, items: Iterable[str]) -> None:
    """Delete these rows of a group's partition, which nothing writes any more."""

    def batch() -> None:
        with GroupRow.batch_write() as writing:
            for item in items:
                writing.delete(GroupRow(group_id, item))

    await store.call(batch)
