"""Has reminders arrive in their people's inboxes, once, when they are due.

The item is made together with taking the plan, which is listed no more. Then the person is told, and after that the
plan is deleted: whoever finds it taken tells them again. A reminder of what one may not read any more comes to nothing.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from dynamodb import store
from foundation.errors import Unavailable
from foundation.ids import now, parse_message_id
from groups import selectors as groups
from groups.log import queries
from groups.log.entry import Entry
from messaging.inbox import rows as inbox
from messaging.inbox.rows import Item, ItemKey
from messaging.inbox.telling import tell_inbox
from users.due.entry import Due
from users.due.handlers import Handler

from . import rows, telling
from .moving import is_moved
from .rows import REMINDER, TAKEN, WAITING, Plan
from .sending import find_actor

# Tells somebody who is away; it is called before the plan is deleted, and maybe again after that has not come to pass.
Tell = Callable[[Item, Entry], Awaitable[None]]
_tells: list[Tell] = []


def tell_also(tell: Tell) -> None:
    """Call it with each reminder that arrives and its message; apps above register when Django is ready."""
    _tells.append(tell)


class Reminders(Handler):
    kind = REMINDER

    async def handle(self, entry: Due) -> None:
        plan = await rows.plan_of(entry)
        if plan is None:
            return
        try:
            await _arrive(plan)
        except store.ConditionFailed:
            # It was cancelled, or the message deleted, or somebody else has done it: then it is found so.
            raise Unavailable from None

    async def give_up(self, entry: Due) -> None:
        """End a reminder that is in the inbox already, of which nobody could be told; others can still be cancelled."""
        plan = await rows.plan_of(entry)
        if plan is None or plan.state != TAKEN:
            return
        telling.tell(plan, telling.DONE)
        with suppress(store.ConditionFailed):  # somebody else has done it
            await rows.finish(plan)


async def _arrive(plan: Plan) -> None:
    if await is_moved(plan):
        return
    message = await _find_message(plan)
    if message is None:
        await rows.finish(plan)
        telling.tell(plan, telling.CANCELLED)
        return
    item = _item(plan, message)
    if plan.state == WAITING:
        await _put(plan, item)
    tell_inbox(plan.user_id, "added", [item.id])
    for tell in _tells:
        await tell(item, message)
    telling.tell(plan, telling.DONE)
    await rows.finish(plan)


async def _find_message(plan: Plan) -> Entry | None:
    """Return the message, or None if the person may not read it, or it is deleted."""
    key = parse_message_id(plan.message_id or "")
    if key is None or await find_actor(plan.user_id) is None:
        return None
    if plan.user_id not in await groups.members_among(group_id=plan.group_id, user_ids=[plan.user_id]):
        return None
    entry = await queries.get_entry(*key)
    return None if entry is None or entry.deleted else entry


def _item(plan: Plan, message: Entry) -> Item:
    parent = parse_message_id(message.parent_id or "")
    key = ItemKey(plan.user_id, plan.group_id, int(message.seq), inbox.REMINDER)
    # Of two reminders of one message the later one makes the item anew, and the earlier one nothing after it.
    return Item(key, made_by=plan.when.at, at=now(), parent_seq=parent[1] if parent else None)


async def _put(plan: Plan, item: Item) -> None:
    there = (await inbox.find([item.key])).get(item.key)
    if there is None or there.made_by < item.made_by:
        await inbox.put([item], also=partial(rows.take_with, plan))
