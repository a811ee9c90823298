"""Pages of a thread: its newest replies, those before or after a seq, or where the unread ones begin."""

import asyncio
from typing import Any

from messaging import models, reading_budget
from messaging.selectors import list_thread
from users.actor import Actor

Wire = dict[str, Any]


async def read_thread_page(
    *,
    actor: Actor,
    message_id: str,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    newest: bool = False,
    limit: int = 100,
) -> Wire:
    """Return what `list_thread` does, of another place, with "hasNewer" and "joins".

    Without a place it is the newest replies, or the page where the unread ones begin if these do not reach back so far;
    `around` is the seq of a reply. "joins" says whether nothing unread is missing between the actor's read mark and the
    replies of the page.
    """
    thread = await list_thread(actor=actor, message_id=message_id, before=before, limit=limit)
    if after is not None:
        thread |= await _after(actor, thread, after, limit)
    elif before is not None:
        thread["hasNewer"] = True
    else:
        wanted = around or (thread["read"] + 1 if thread["unread"] and not newest else None)
        thread |= await _around(actor, thread, wanted, limit) if _is_before(wanted, thread) else {"hasNewer": False}
    replies = thread["messages"]
    joins = not thread["hasMore"] or bool(replies and replies[0]["seq"] <= thread["read"] + 1)
    return {**thread, "joins": joins}


def _is_before(seq: int | None, thread: Wire) -> bool:
    """Return whether a seq may lie before the replies that were read."""
    return bool(seq and thread["hasMore"] and thread["messages"][0]["seq"] > seq)


async def _after(actor: Actor, thread: Wire, after: int, limit: int) -> Wire:
    root_id = thread["root"]["id"]
    older, newer = await asyncio.gather(
        models.list_replies_before(root_id, after + 1, limit=1),
        models.list_replies_after(root_id, after, limit=limit + 1),
    )
    return _page(actor, [reply.as_wire() for reply in newer[:limit]], more=bool(older), newer=len(newer) > limit)


async def _around(actor: Actor, thread: Wire, seq: int | None, limit: int) -> Wire:
    """Return the replies at a seq and after it, with some of those before it: `limit` in all at most."""
    root_id, at, context = thread["root"]["id"], seq or 0, limit // 4
    older, newer = await asyncio.gather(
        models.list_replies_before(root_id, at, limit=context + 1),
        models.list_replies_after(root_id, at - 1, limit=limit + 1),
    )
    before = older[:context][::-1]
    after = newer[: limit - len(before)]
    wires = [reply.as_wire() for reply in [*before, *after]]
    return _page(actor, wires, more=len(older) > context, newer=len(newer) > len(after))


def _page(actor: Actor, messages: list[Wire], *, more: bool, newer: bool) -> Wire:
    reading_budget.charge(actor, messages)
    return {"messages": messages, "hasMore": more, "hasNewer": newer}
