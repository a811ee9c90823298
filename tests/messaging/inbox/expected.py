"""What everybody must see after a history: counts, threads followed, inboxes and drafts, computed from it alone."""

from typing import Any

from foundation.cursors import decode_cursor
from groups import selectors as groups
from messaging import selectors as messages
from messaging.drafts import selectors as drafts
from messaging.inbox import rows as inbox_rows
from messaging.inbox import selectors as inbox
from messaging.threads import selectors as threads
from tests.cast import Person
from tests.messaging.unread.expected import Counts, mark_after

from .history import History, Said


class Expected:
    """What follows from a history."""

    def __init__(self, history: History) -> None:
        self.history = history

    def roots(self) -> set[int]:
        """Return the seqs of the messages that have replies."""
        return {said.root for said in self.history.said.values() if said.is_reply}

    def replies(self, root: int) -> list[Said]:
        return [said for said in self.history.said.values() if said.is_reply and said.root == root]

    def counts(self, who: Person, root: int | None) -> Counts:
        """Return what is unread of the group, or of a thread."""
        top_level = [said for said in self.history.said.values() if not said.is_reply]
        read = self.mark(who, root)
        unread = [
            said for said in (self.replies(root) if root else top_level) if said.seq > read and said.author != who.id
        ]
        mentions = sorted(said.seq for said in unread if self._is_named(who, said) and not said.deleted)
        return Counts(read, len(unread), mentions, sum(said.names_all for said in unread))

    def threads(self, who: Person) -> list[tuple[int, int, Counts]]:
        """Return (root, number of replies, what is unread) of the threads that somebody follows, in order."""
        if who.id not in self.history.members:
            return []
        found = []
        for root in self.roots():
            if self.history.follow_of(who.id, root).since is not None:
                replies = self.replies(root)
                place = f"{max(replies, key=lambda said: said.seq).at}#{self.history.group_id}#{root}"
                found.append((place, root, len(replies), self.counts(who, root)))
        return [each[1:] for each in sorted(found, reverse=True, key=lambda each: each[0])]

    def items(self, who: Person) -> dict[str, tuple[str, bool]]:
        """Return the kind of each item of an inbox, and whether it is unread, by id."""
        items: dict[str, tuple[str, bool]] = {}
        if who.id not in self.history.members:
            return items
        for said in self.history.said.values():
            if not said.deleted:
                items |= self._items_of(who, said)
        return items

    def _items_of(self, who: Person, said: Said) -> dict[str, tuple[str, bool]]:
        items: dict[str, tuple[str, bool]] = {}
        item_id, place = self.history.id_of(said.seq), said.root if said.is_reply else None
        since = self.history.follow_of(who.id, said.root).since
        if said.author != who.id and self._is_named(who, said):
            items[item_id] = self._item(who, item_id, "mention", said.named[who.id], place)
        elif self._is_reply_to(who, said) and since is not None and since < said.seq:
            items[item_id] = self._item(who, item_id, "reply", said.seq, place)
        for (user_id, emoji), by in said.reactions.items():
            if said.author == who.id != user_id and who.id not in self.history.unheard_reactions[by]:
                key = inbox_rows.reaction_key(who.id, self.history.group_id, said.seq, actor_id=user_id, emoji=emoji)
                name = inbox_rows.item_id(key)
                items[name] = "reaction", (who.id, name, key.what, by) not in self.history.read
        return items

    def _is_named(self, who: Person, said: Said) -> bool:
        """Return whether a message names somebody who had not blocked its author when it did."""
        return who.id in said.named and who.id not in said.named_unheard[who.id]

    def _is_reply_to(self, who: Person, said: Said) -> bool:
        return said.is_reply and said.author != who.id and who.id not in said.unheard

    def _item(self, who: Person, item_id: str, kind: str, by: int, root: int | None) -> tuple[str, bool]:
        is_read = (who.id, item_id, kind, by) in self.history.read or self.mark(who, root) >= by
        return kind, not is_read

    def mark(self, who: Person, root: int | None) -> int:
        return mark_after(self.history.acts.get((who.id, root or 0), ()))

    def drafts(self, who: Person) -> list[dict[str, Any]]:
        """Return the last draft of each place: versions only grow."""
        if who.id not in self.history.members:
            return []
        written = [each for (user_id, _), each in self.history.drafts.items() if user_id == who.id]
        return [max(each, key=lambda draft: int(draft["version"])) for each in written]


async def check(history: History) -> None:
    """Compare what everybody sees with what follows from the history."""
    expected = Expected(history)
    for who in history.people:
        await _check_threads(expected, who)
        await _check_inbox(expected, who)
        found = (await drafts.list_drafts(actor=who.actor))["drafts"]
        assert sorted(found, key=str) == sorted(expected.drafts(who), key=str)
        if who.id in history.members:
            await _check_counts(expected, who)


async def _check_counts(expected: Expected, who: Person) -> None:
    group_id = expected.history.group_id
    (group,) = await groups.list_summaries(actor=who.actor, group_ids=[group_id])
    counts = Counts(group.read, group.unread, list(group.mentions), group.unread_alls)
    assert counts == expected.counts(who, None), who.actor.name
    for root in expected.roots():
        thread = await messages.list_thread(actor=who.actor, message_id=expected.history.id_of(root))
        assert _counts(thread) == expected.counts(who, root), (who.actor.name, root)


def _counts(thread: dict[str, Any]) -> Counts:
    return Counts(thread["read"], thread["unread"], thread["mentions"], thread["all"])


async def _check_threads(expected: Expected, who: Person) -> None:
    listed = await _pages(threads.list_threads, who, "threads", 4)
    seen = [(item["root"]["seq"], item["replyCount"], _counts(item)) for item in listed]
    wanted = expected.threads(who)
    assert seen == wanted, (who.actor.name, seen, wanted, expected.history.said)
    unread = [counts for _, _, counts in wanted if counts.unread]
    sums = len(unread), sum(len(each.mentions) for each in unread), sum(each.alls for each in unread)
    assert await threads.find_counts(actor=who.actor) == sums


async def _check_inbox(expected: Expected, who: Person) -> None:
    items = await _pages(inbox.list_inbox, who, "items", 8)
    wanted = expected.items(who)
    assert {item["id"]: (item["kind"], item["unread"]) for item in items} == wanted
    assert len(items) == len(wanted)
    assert [item["at"] for item in items] == sorted((item["at"] for item in items), reverse=True)
    assert await inbox.count_unread(actor=who.actor) == sum(unread for _, unread in wanted.values())


async def _pages(list_page: Any, who: Person, name: str, limit: int) -> list[dict[str, Any]]:
    found, cursor = list[dict[str, Any]](), None
    while True:
        page = await list_page(actor=who.actor, cursor=cursor, limit=limit)
        found += page[name]
        if "nextCursor" not in page:
            return found
        cursor = decode_cursor(page["nextCursor"], 1 if name == "threads" else 2)
