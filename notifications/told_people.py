"""Who has decisions about a group: noted in its partition, so that nothing of it is left when it is deleted."""

from collections.abc import Collection

from dynamodb import store
from groups.item_pages import delete_items, item_pages
from groups.rows import GroupRow

from . import decisions

_PREFIX = "told#"
# Pairs of a group and a person that are noted already: of most, this process has decided before.
_MAX_KNOWN = 50_000
_known: set[tuple[str, str]] = set()


async def note(group_id: str, user_ids: Collection[str]) -> None:
    """Note them, before what is decided of them is written. Raises as `store.call`."""
    new = [user_id for user_id in user_ids if (group_id, user_id) not in _known]
    if not new:
        return

    def write() -> None:
        with GroupRow.batch_write() as batch:
            for user_id in new:
                batch.save(GroupRow(group_id, f"{_PREFIX}{user_id}"))

    await store.call(write)
    if len(_known) > _MAX_KNOWN:
        _known.clear()
    _known.update((group_id, user_id) for user_id in new)


async def forget(group_id: str) -> None:
    """Delete what was decided of a group that is being deleted; may be called again."""
    async for page in item_pages(group_id, _PREFIX):
        for item in page:
            await decisions.forget(item.removeprefix(_PREFIX), group_id)
        await delete_items(group_id, page)
