"""What the log makes people follow, and where it moves threads in their lists."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial

from foundation.tasks import map_some_at_a_time
from groups.log.entry import Entry, user_ids_of
from messaging.log_batch import LogBatch, root_seq
from messaging.named import first_named_by

from . import rows
from .following import Following
from .last_reply import LastReply, last_replies
from .rows import ThreadKey

# How many rows are written at a time.
_MAX_CONCURRENT = 4
# What people have of threads: what it was, and what it is now.
Changes = Mapping[ThreadKey, tuple[Following, Following]]


async def follow_threads(batch: LogBatch) -> Changes:
    """Apply the entries to what people have of their threads, and return it for all threads with a reply among them.

    Those who have left come first: what came before that does not count afterwards either.
    """
    for entry in batch.entries:
        if entry.kind == "member":
            await _end_for_who_left(batch.group_id, entry)
    reasons = _reasons(batch)
    known, left = await _read(batch, reasons)
    roots = [root for seq in {key.root_seq for key in known} if (root := _root(batch, seq))]
    lasts = await last_replies(roots, batch.entries)
    changes: dict[ThreadKey, tuple[Following, Following]] = {}

    async def change(key: ThreadKey) -> None:
        last, left_at = lasts.get(key.root_seq, LastReply()), left.get(key.user_id, 0)

        def rule(known: Following) -> Following:
            # Also where nothing else changes: whoever has read the row before the person left cannot write it then.
            return _applied(known.left(left_at), reasons.get(key, ()), last)

        changes[key] = await rows.change(key, rule, known[key])

    await map_some_at_a_time(change, list(known), _MAX_CONCURRENT)
    return changes


async def find_followings(batch: LogBatch) -> Mapping[ThreadKey, Following]:
    """Return what people have of the threads with a reply in the batch, as `follow_threads` leaves it; write nothing.

    What came before the batch was applied.
    """
    reasons = _reasons(batch)
    known, left = await _read(batch, reasons)
    for entry in batch.entries:
        for user_id, role in (entry.roles or {}).items() if entry.kind == "member" else ():
            if role is None:
                left[user_id] = max(left.get(user_id, 0), int(entry.seq))
    return {
        key: _applied(following.left(left.get(key.user_id, 0)), reasons.get(key, ()), LastReply())
        for key, following in known.items()
    }


async def _read(batch: LogBatch, reasons: Iterable[ThreadKey]) -> tuple[dict[ThreadKey, Following], dict[str, int]]:
    """Return what those have of threads whom the batch concerns, and where those for whom it has reasons have left."""
    keys = set(reasons)
    for number in {root_seq(reply) for reply in batch.replies()}:
        keys.update(await rows.list_keys(batch.group_id, number))
    leaving = {rows.leaving_key(key.user_id, key.group_id) for key in reasons}
    known = await rows.find(keys | leaving)
    return known, {key.user_id: known.pop(key).until for key in leaving}


async def _end_for_who_left(group_id: str, entry: Entry) -> None:
    seq = int(entry.seq)
    for user_id in [user_id for user_id, role in (entry.roles or {}).items() if role is None]:
        own = await rows.list_own(user_id, group_id)
        own.setdefault(rows.leaving_key(user_id, group_id), Following())
        for key, known in own.items():
            await rows.change(key, lambda following: following.left(seq), known)


def _reasons(batch: LogBatch) -> dict[ThreadKey, set[int]]:
    """Return the seqs at which people began to follow threads: who wrote there, who was named, whose message it is."""
    reasons: dict[ThreadKey, set[int]] = defaultdict(set)
    for entry in batch.entries:
        message = batch.message_of(entry)
        if message is None or entry.kind not in ("message", "edit"):
            continue
        root = root_seq(message)
        named = first_named_by(entry) if entry.kind == "message" else user_ids_of(entry.mentions or ())
        for user_id in filter(partial(batch.reaches, entry), named - {message.user_id}):
            reasons[ThreadKey(user_id, batch.group_id, root)].add(int(entry.seq))
        if entry.kind == "message" and entry.parent_id:
            reasons[ThreadKey(entry.user_id, batch.group_id, root)].add(int(entry.seq))
            if opened := batch.messages.get(root):
                reasons[ThreadKey(opened.user_id, batch.group_id, root)].add(root)
    return reasons


def _root(batch: LogBatch, seq: int) -> Entry | None:
    """Return the root of a thread; a top-level message that names somebody is its own, and may have got replies."""
    if seq in batch.messages:
        return batch.messages[seq]
    return next((entry for entry in batch.entries if int(entry.seq) == seq), None)


def _applied(known: Following, reasons: Iterable[int], last: LastReply) -> Following:
    for seq in sorted(reasons):
        known = known.with_reason(seq)
    return known.at_reply(*last) if known.began is not None else known
