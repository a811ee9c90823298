"""Which is the last reply of a thread, and when it was written: where the thread stands in people's lists."""

from collections.abc import Iterable
from typing import NamedTuple

from groups.log import queries
from groups.log.entry import Entry
from messaging import models
from messaging.models import Message


class LastReply(NamedTuple):
    """The last reply of a thread, deleted or not; seq 0 where there is none."""

    seq: int = 0
    at: str = ""


async def last_replies(roots: Iterable[Entry], known: Iterable[Entry] = ()) -> dict[int, LastReply]:
    """Return the last reply that each of these roots counts, by the root's seq; `known` are entries that were read."""
    by_key = {(entry.group_id, int(entry.seq)): entry for entry in known}
    seqs = {int(root.seq): await _last_seq(root) for root in roots if root.reply_count}
    group_ids = {int(root.seq): root.group_id for root in roots}
    keys = {root_seq: (group_ids[root_seq], seq) for root_seq, seq in seqs.items()}
    by_key |= await queries.get_entries(key for key in keys.values() if key not in by_key)
    return {root_seq: LastReply(key[1], by_key[key].created_at) for root_seq, key in keys.items() if key in by_key}


async def _last_seq(root: Entry) -> int:
    if root.last_reply:
        return int(root.last_reply)
    # Of an older version, which did not write it: nobody has replied for a while, so the index has it.
    replies = await models.list_newest_replies(Message.from_entry(root), limit=1)
    return replies[0].seq if replies else 0
