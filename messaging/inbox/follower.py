"""The follower that has people follow threads, and fills their inboxes: both, since who follows a thread gets its
replies."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from foundation.log_throttle import LogThrottle
from foundation.tasks import create_background_task
from groups import selectors as groups
from groups.followers.follower import Follower
from groups.followers.registrations import first_start
from groups.log.entry import Entry
from messaging.log_batch import LogBatch, root_seq
from messaging.threads import rows as thread_rows
from messaging.threads.automatic import Changes, follow_threads
from messaging.threads.telling import tell_following, tell_replies

from . import rows
from .filling import fill
from .rows import Item, ItemKey
from .telling import tell_inbox

logger = logging.getLogger(__name__)
_log_throttle = LogThrottle()
# How many people are told at once, and the seconds until the next ones.
_TOLD_AT_ONCE, _PAUSE = 50, 0.05


class ThreadsAndInbox(Follower):
    """Begins at the first entry: people follow the threads that they wrote in before there was this follower."""

    name = "threads and inbox"

    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        batch = await LogBatch.read(group_id, entries)
        if not batch.entries:
            return
        changes = await follow_threads(batch)
        await batch.learn_followers((key.user_id, key.root_seq) for key in changes)
        # Who had no inbox when it was written is not to find all of it unread.
        read_before = "" if notify else await first_start(self.name)
        added, removed = await fill(batch, changes, read_before=read_before)
        if notify:
            # Not awaited: an entry that concerns very many must not outlast the lease for that.
            create_background_task(_try_to_tell(batch, changes, added, removed))

    async def forget(self, group_id: str) -> None:
        await thread_rows.forget(group_id)
        await rows.forget(group_id)


async def _try_to_tell(batch: LogBatch, changes: Changes, added: Iterable[Item], removed: Iterable[ItemKey]) -> None:
    try:
        await _tell(batch, changes, added, removed)
    except Exception as error:  # what they are told of is stored: they have it when they next read
        if _log_throttle.should_log():
            logger.warning("people could not be told of their threads and inboxes: %r", error)


async def _tell(batch: LogBatch, changes: Changes, added: Iterable[Item], removed: Iterable[ItemKey]) -> None:
    """Tell the members among those whom something concerns; of a group that somebody has left they hear nothing.

    Of many, a few at a time: each costs a write, and others use the store too.
    """
    items: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in added:
        items[item.key.user_id, "added"].append(item.id)
    for key in removed:
        items[key.user_id, "removed"].append(rows.item_id(key))
    concerned = sorted({key.user_id for key in changes} | {user_id for user_id, _ in items})
    for start in range(0, len(concerned), _TOLD_AT_ONCE):
        if start:
            await asyncio.sleep(_PAUSE)
        members = await groups.members_among(group_id=batch.group_id, user_ids=concerned[start : start + _TOLD_AT_ONCE])
        _tell_threads(batch, {key: change for key, change in changes.items() if key.user_id in members})
        for (user_id, change), ids in items.items():
            if user_id in members:
                tell_inbox(user_id, change, ids)


def _tell_threads(batch: LogBatch, changes: Changes) -> None:
    replies: dict[int, list[Entry]] = defaultdict(list)
    for reply in batch.replies():
        replies[root_seq(reply)].append(reply)
    for key, (before, after) in changes.items():
        root = batch.messages.get(key.root_seq)
        if after.began is None or root is None:
            continue
        if any(reply.user_id != key.user_id and batch.reaches(reply, key.user_id) for reply in replies[key.root_seq]):
            tell_replies([key], int(root.reply_count or 0))
        elif before.began is None:
            tell_following(key, following=True)
