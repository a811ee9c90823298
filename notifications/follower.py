"""The follower of the groups' logs that decides whom to tell, and hands what is to be sent to the sender."""

from collections.abc import Iterable, Sequence

from foundation.errors import Unavailable
from groups import models as groups
from groups.followers import places
from groups.followers.follower import FROM_NOW, Follower
from groups.log import queries
from groups.log.entry import Entry, user_ids_of
from groups.own_settings import listening
from messaging.inbox.follower import ThreadsAndInbox
from messaging.log_batch import LogBatch, root_seq
from messaging.threads.automatic import find_followings

from . import told_people
from .candidates import Concern
from .deciding import decide_all
from .sending import lease_of_new, send_soon


class NotificationFollower(Follower):
    """Begins now: nobody is told of what was said before there was this follower."""

    name = "notifications"
    start = FROM_NOW

    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        if not notify or not any(_may_concern(entry) for entry in entries):
            return
        group = await groups.find_group(group_id)
        if group is None:
            return
        concerns = await find_concerns(group_id, entries)
        await decide_all(group, concerns, lease=lease_of_new(), send=send_soon)

    async def forget(self, group_id: str) -> None:
        await told_people.forget(group_id)
        await listening.forget(group_id)


def _may_concern(entry: Entry) -> bool:
    return entry.kind == "message" or (entry.kind == "edit" and bool(user_ids_of(entry.mentions or ())))


async def find_concerns(group_id: str, entries: Sequence[Entry]) -> list[Concern]:
    """Return the messages that entries are, or name somebody in, with who followed their threads before them."""
    edits = [entry for entry in entries if entry.kind == "edit" and _may_concern(entry)]
    targets = await queries.get_entries((group_id, int(edit.target_seq or 0)) for edit in edits)
    followers = await _find_followers(group_id, entries)
    concerns = [
        Concern(entry, followers.get(int(entry.seq), frozenset())) for entry in entries if entry.kind == "message"
    ]
    for edit in edits:
        message = targets.get((group_id, int(edit.target_seq or 0)))
        if message is not None:
            concerns.append(Concern(message, only=frozenset(user_ids_of(edit.mentions or ()))))
    return concerns


async def _find_followers(group_id: str, entries: Sequence[Entry]) -> dict[int, frozenset[str]]:
    """Return who follows the threads of the replies among the entries, and did before the reply, by its seq.

    Another follower writes who does: raises `Unavailable` while that has not come to where these entries begin.
    """
    replies = [entry for entry in entries if entry.kind == "message" and entry.parent_id]
    if not replies:
        return {}
    known = (await places.find([group_id])).get(group_id)
    place = known.by_name.get(ThreadsAndInbox.name) if known else None
    if place is not None and place.seq < int(entries[0].seq) - 1:
        raise Unavailable
    batch = await LogBatch.read(group_id, entries)
    followings = await find_followings(batch)
    began: dict[int, list[tuple[str, int]]] = {}
    for key, following in followings.items():
        if following.began is not None:
            began.setdefault(key.root_seq, []).append((key.user_id, following.began))
    return {int(reply.seq): frozenset(_before(began.get(root_seq(reply), ()), int(reply.seq))) for reply in replies}


def _before(began: Iterable[tuple[str, int]], seq: int) -> Iterable[str]:
    return (user_id for user_id, since in began if since < seq)
