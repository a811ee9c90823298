"""Reading items of one's inbox."""

from collections.abc import Iterable
from typing import Any

from foundation.limits import bucket
from foundation.tasks import map_some_at_a_time
from users.actor import Actor

from . import rows, selectors
from .telling import tell_inbox

# How many rows are written at a time.
_MAX_CONCURRENT = 8


async def read_items(*, actor: Actor, item_ids: Iterable[str] | None) -> dict[str, Any]:
    """Mark items of the actor's inbox as read, with None all; return {"unread": how many are left}.

    Ids of items that there are not, or no longer, are passed over. The actor's own connections are told. Raises
    `RateLimited`, `Unavailable`: then some may be read, and the same call reads the others.
    """
    bucket.draw("thread_read", actor.user_id)
    shown = {each.item.id for each in await selectors.list_shown(actor=actor)}
    wanted = shown if item_ids is None else shown.intersection(item_ids)
    # Of a message that is a mention and a reply, both.
    items = [item for item in await rows.list_items(actor.user_id) if item.id in wanted and not item.is_read]
    done = await map_some_at_a_time(rows.mark_read, items, _MAX_CONCURRENT)
    read = {item.id for item, is_done in zip(items, done, strict=True) if is_done}
    if read:
        tell_inbox(actor.user_id, "read", sorted(read))
    return {"unread": await selectors.count_unread(actor=actor)}
