"""A history of what people do in a group, and what follows from it: threads followed and inboxes, by another way.

What is expected is computed from what was done, with the seqs that the log gave it; nothing of it reads the rows that
the follower writes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from foundation.cursors import decode_cursor
from groups import selectors as groups
from groups import services as group_services
from groups.blocking.services import block_user, unblock_user
from groups.left import HasLeft
from messaging import selectors as messages
from messaging import services
from messaging.inbox import rows as inbox_rows
from messaging.inbox import selectors as inbox
from messaging.inbox import services as inbox_services
from messaging.threads import selectors as threads
from messaging.threads.services import set_following
from messaging.unread import mark_unread
from tests.cast import Person
from tests.messaging.unread.expected import READ, SEND, UNREAD, Act, mark_after
from workspace.teams import services as teams


@dataclass
class Said:
    """A message as the history has it; `named` has by user id the seq of what named them last.

    `unheard` are those who had blocked its author then, `named_unheard` by user id those who had when that was named.
    """

    seq: int
    author: str
    root: int
    is_reply: bool
    at: str
    named: dict[str, int]
    unheard: frozenset[str] = frozenset()
    named_unheard: dict[str, frozenset[str]] = field(default_factory=dict)
    deleted: bool = False
    reactions: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass
class Followed:
    """Whether somebody follows a thread: `since`, and where they stopped last."""

    since: int | None = None
    until: int = 0

    def reason(self, seq: int) -> None:
        if seq > self.until:
            self.since = seq if self.since is None else min(self.since, seq)

    def end(self, seq: int) -> None:
        self.since, self.until = None, max(self.until, seq)


class History:
    """Does things in a group, and notes what was done."""

    def __init__(self, group_id: str, owner: Person, people: list[Person]) -> None:
        self.group_id, self.owner, self.people = group_id, owner, people
        self.members = {one.id for one in people}
        self.said: dict[int, Said] = {}
        self.followed: dict[tuple[str, int], Followed] = {}
        # Where somebody has left last.
        self.left: dict[str, int] = {}
        # What moved each mark: by user, and by thread; under 0 that of the group.
        self.acts: dict[tuple[str, int], list[Act]] = {}
        # Whom somebody has blocked, now.
        self.blocked: set[tuple[str, str]] = set()
        # Of a reaction, by its seq: who had blocked its author.
        self.unheard_reactions: dict[int, frozenset[str]] = {}
        self.team_id = ""
        self.team: set[str] = set()
        # The items that were read: (user id, item id, what, the entry that made it).
        self.read: set[tuple[str, str, str, int]] = set()

    def id_of(self, seq: int) -> str:
        return f"{self.group_id}.{seq}"

    def follow_of(self, user_id: str, root: int) -> Followed:
        return self.followed.setdefault((user_id, root), Followed(until=self.left.get(user_id, 0)))

    async def head(self) -> int:
        return (await groups.get_head_position(group_id=self.group_id)).seq

    # --- what people do ----------------------------------------------------------------------------------------------
    async def send(
        self, who: Person, named: Iterable[Person] = (), root: int | None = None, *, team: bool = False
    ) -> int:
        ids = {one.id for one in named}
        sent = await services.send_message(
            actor=who.actor,
            group_id=self.group_id,
            content=_text(ids) + f" <@{self.team_id}>" * team,
            parent_id=self.id_of(root) if root else None,
        )
        message = sent["message"]
        seq: int = message["seq"]
        names = dict.fromkeys((ids | self.team if team else ids) & self.members, seq)
        unheard, is_reply = self._blockers_of(who.id), root is not None
        self.said[seq] = Said(seq, who.id, root or seq, is_reply, message["createdAt"], names, unheard)
        self.said[seq].named_unheard |= dict.fromkeys(names, unheard)
        self._note_named(self.said[seq], names)
        self._act(who, root, SEND, seq, seq)
        if root:
            self.follow_of(who.id, root).reason(seq)
            self.follow_of(self.said[root].author, root).reason(root)
        return seq

    def _blockers_of(self, user_id: str) -> frozenset[str]:
        return frozenset(by for by, other in self.blocked if other == user_id)

    async def block(self, who: Person, other: Person) -> None:
        """Block somebody, or take that back; but not the owner, who asks people back."""
        if other is self.owner:
            return
        if (who.id, other.id) in self.blocked:
            await unblock_user(actor=who.actor, user_id=other.id)
        else:
            await block_user(actor=who.actor, user_id=other.id)
        self.blocked ^= {(who.id, other.id)}

    async def change_team(self, who: Person) -> None:
        """Put somebody into the team, or take them out."""
        if who.id in self.team:
            await teams.remove_person(actor=who.actor, team_id=self.team_id, user_id=who.id)
        else:
            await teams.add_people(actor=self.owner.actor, team_id=self.team_id, user_ids=[who.id])
        self.team ^= {who.id}

    async def edit(self, seq: int, named: Iterable[Person], number: int, *, team: bool = False) -> None:
        said = self.said[seq]
        author = next(one for one in self.people if one.id == said.author)
        ids = {one.id for one in named}
        text = f"{_text(ids)} {number}" + f" <@{self.team_id}>" * team
        ids |= self.team if team else set()
        await services.edit_message(actor=author.actor, message_id=self.id_of(seq), content=text)
        head = await self.head()
        anew = dict.fromkeys((ids & self.members) - said.named.keys(), head)
        # Whoever has left is named no longer.
        said.named = {user_id: by for user_id, by in said.named.items() if user_id in ids & self.members} | anew
        said.named_unheard |= dict.fromkeys(anew, self._blockers_of(said.author))
        self._note_named(said, anew)

    def _note_named(self, said: Said, names: dict[str, int]) -> None:
        for user_id, seq in names.items():
            if user_id != said.author and user_id not in said.named_unheard[user_id]:
                self.follow_of(user_id, said.root).reason(seq)

    async def delete(self, seq: int) -> None:
        await services.delete_message(actor=self.owner.actor, message_id=self.id_of(seq))
        self.said[seq].deleted = True

    async def react(self, who: Person, seq: int, emoji: str, action: str) -> None:
        before = await self.head()
        await services.react(actor=who.actor, message_id=self.id_of(seq), emoji=emoji, action=action)
        head = await self.head()
        if head == before:
            return
        if action == "add":
            self.said[seq].reactions[who.id, emoji] = head
            self.unheard_reactions[head] = self._blockers_of(who.id)
        else:
            del self.said[seq].reactions[who.id, emoji]

    async def leave(self, who: Person) -> None:
        await group_services.leave_group(actor=who.actor, group_id=self.group_id)
        self.members.discard(who.id)
        head = self.left[who.id] = await self.head()
        for (user_id, _), followed in self.followed.items():
            if user_id == who.id:
                followed.end(head)

    async def come_back(self, who: Person) -> None:
        with pytest.raises(HasLeft):
            await group_services.add_members(actor=self.owner.actor, group_id=self.group_id, user_ids=[who.id])
        await group_services.rejoin_group(actor=who.actor, group_id=self.group_id)
        self.members.add(who.id)

    async def set_following(self, who: Person, root: int, *, following: bool) -> None:
        thread = await messages.list_thread(actor=who.actor, message_id=self.id_of(root))
        await set_following(actor=who.actor, message_id=self.id_of(root), following=following)
        replies = [said.seq for said in self.said.values() if said.is_reply and said.root == root]
        if following and not thread["following"] and replies:
            self._act(who, root, READ, max(replies), max(replies))
        followed, head = self.follow_of(who.id, root), await self.head()
        if not following:
            followed.end(head)
        elif followed.since is None:
            followed.since = head

    async def mark_read(self, who: Person, seq: int, root: int | None) -> None:
        parent_id = self.id_of(root) if root else None
        await services.mark_read(actor=who.actor, group_id=self.group_id, seq=seq, parent_id=parent_id)
        self._act(who, root, READ, seq, await self.head())

    async def mark_unread(self, who: Person, seq: int) -> None:
        state = await mark_unread(actor=who.actor, message_id=self.id_of(seq))
        said = self.said[seq]
        self._act(who, said.root if said.is_reply else None, UNREAD, seq, state["head"])

    def _act(self, who: Person, root: int | None, kind: str, seq: int, head: int) -> None:
        self.acts.setdefault((who.id, root or 0), []).append(Act(kind, seq, head))

    async def read_inbox(self, who: Person, item_ids: list[str] | None) -> None:
        shown = {each.item.id for each in await inbox.list_shown(actor=who.actor)}
        wanted = shown if item_ids is None else shown & set(item_ids)
        for item in await inbox_rows.list_items(who.id):
            if item.id in wanted:
                self.read.add((who.id, item.id, item.key.what, item.made_by))
        answer = await inbox_services.read_items(actor=who.actor, item_ids=item_ids)
        assert answer["unread"] == await inbox.count_unread(actor=who.actor)

    # --- what follows from it ----------------------------------------------------------------------------------------
    async def expected_threads(self, who: Person) -> list[tuple[int, int, int]]:
        """Return (root, number of replies, of unread ones) of the threads that somebody follows, in order."""
        if who.id not in self.members:
            return []
        found = []
        for root in {said.root for said in self.said.values() if said.is_reply}:
            replies = [said for said in self.said.values() if said.is_reply and said.root == root]
            if self.follow_of(who.id, root).since is not None:
                mark = self._mark(who, root)
                place = f"{max(replies, key=lambda said: said.seq).at}#{self.group_id}#{root}"
                found.append(
                    (place, root, len(replies), sum(said.seq > mark and said.author != who.id for said in replies))
                )
        return [each[1:] for each in sorted(found, reverse=True)]

    async def expected_items(self, who: Person) -> dict[str, tuple[str, bool]]:
        """Return the kind of each item, and whether it is unread, by id."""
        items: dict[str, tuple[str, bool]] = {}
        if who.id not in self.members:
            return items
        for said in self.said.values():
            if said.deleted:
                continue
            item_id, place = self.id_of(said.seq), said.root if said.is_reply else None
            since = self.follow_of(who.id, said.root).since
            if said.author != who.id and who.id in said.named and who.id not in said.named_unheard[who.id]:
                items[item_id] = await self._item(who, item_id, "mention", said.named[who.id], place)
            elif self._is_reply_to(who, said) and since is not None and since < said.seq:
                items[item_id] = await self._item(who, item_id, "reply", said.seq, place)
            for (user_id, emoji), by in said.reactions.items():
                if said.author == who.id != user_id and who.id not in self.unheard_reactions[by]:
                    key = inbox_rows.reaction_key(who.id, self.group_id, said.seq, actor_id=user_id, emoji=emoji)
                    name = inbox_rows.item_id(key)
                    items[name] = "reaction", (who.id, name, key.what, by) not in self.read
        return items

    def _is_reply_to(self, who: Person, said: Said) -> bool:
        return said.is_reply and said.author != who.id and who.id not in said.unheard

    async def _item(self, who: Person, item_id: str, kind: str, by: int, root: int | None) -> tuple[str, bool]:
        is_read = (who.id, item_id, kind, by) in self.read or self._mark(who, root) >= by
        return kind, not is_read

    def _mark(self, who: Person, root: int | None) -> int:
        return mark_after(self.acts.get((who.id, root or 0), ()))

    async def check(self) -> None:
        """Compare what everybody sees with what follows from the history."""
        for who in self.people:
            listed = await self._pages(threads.list_threads, who, "threads", 2)
            seen = [(item["root"]["seq"], item["replyCount"], item["unread"]) for item in listed]
            expected = await self.expected_threads(who)
            assert seen == expected, (who.actor.name, seen, expected, self.said)
            unread_threads = sum(unread > 0 for _, _, unread in expected)
            assert await threads.count_unread(actor=who.actor) == unread_threads
            items = await self._pages(inbox.list_inbox, who, "items", 3)
            wanted = await self.expected_items(who)
            assert {item["id"]: (item["kind"], item["unread"]) for item in items} == wanted
            assert len(items) == len(wanted)
            assert [item["at"] for item in items] == sorted((item["at"] for item in items), reverse=True)
            assert await inbox.count_unread(actor=who.actor) == sum(unread for _, unread in wanted.values())

    async def _pages(self, list_page: Any, who: Person, name: str, limit: int) -> list[dict[str, Any]]:
        found, cursor = list[dict[str, Any]](), None
        while True:
            page = await list_page(actor=who.actor, cursor=cursor, limit=limit)
            found += page[name]
            if "nextCursor" not in page:
                return found
            cursor = decode_cursor(page["nextCursor"], 1 if name == "threads" else 2)


def _text(ids: Iterable[str]) -> str:
    return " ".join(["hello", *(f"<@{user_id}>" for user_id in sorted(ids))])
