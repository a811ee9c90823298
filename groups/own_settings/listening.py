"""Who wants to be told of all messages of a group: without it, whoever tells them would read what each member has set.

`all#<userId>` in the group's partition says that the person has chosen the level `all`, or had; what holds is in their
own row. `all#` itself says that the group's members were looked at once, who may have chosen before there were these
rows. All reads are strongly consistent; each query raises what `store.call` raises.
"""

from contextlib import suppress

from pynamodb.transactions import TransactWrite

from dynamodb import store
from groups import memberships, models
from groups.item_pages import delete_items, item_pages
from groups.rows import GroupRow

from .own_settings import ALL

_PREFIX = "all#"


async def add_listener(group_id: str, user_id: str) -> None:
    """Note it before the person's own row is changed; raises `ConditionFailed` if the group is deleted."""
    await _write(group_id, f"{_PREFIX}{user_id}")


async def find_listeners(group_id: str) -> set[str]:
    """Return the ids of those who may want to be told of all messages of a group."""
    items = await _list_items(group_id)
    if _PREFIX not in items:
        with suppress(store.ConditionFailed):
            await _look_at_members(group_id)
        items = await _list_items(group_id)
    return {item.removeprefix(_PREFIX) for item in items} - {""}


async def forget(group_id: str) -> None:
    """Delete what a group that is being deleted has of it; may be called again."""
    async for page in item_pages(group_id, _PREFIX):
        await delete_items(group_id, page)


async def _list_items(group_id: str) -> set[str]:
    def query() -> set[str]:
        rows = GroupRow.query(group_id, GroupRow.item.startswith(_PREFIX), consistent_read=True)
        return {row.item for row in rows}

    return await store.call(query)


async def _look_at_members(group_id: str) -> None:
    members = await models.list_members(group_id)
    own = {memberships.partition(member.user_id): member.user_id for member in members}
    for row in await models.get_rows((key, memberships.group_item(group_id)) for key in own):
        if row.level == ALL:
            await add_listener(group_id, own[row.group_id])
    await _write(group_id, _PREFIX)


async def _write(group_id: str, item: str) -> None:
    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.save(GroupRow(group_id, item))
            # A group that is being erased has lost this row before anything else.
            transaction.condition_check(GroupRow, group_id, "group", condition=GroupRow.kind.exists())

    await store.call(transact)
