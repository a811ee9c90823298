"""A history of what people do in a group, through two processes, with the seqs that the log gave it.

`expected` computes what follows from it; nothing of either reads the rows that the followers write.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from groups import selectors as groups
from groups import services as group_services
from groups.blocking.services import block_user, unblock_user
from groups.left import HasLeft
from groups.log import queries
from groups.log.entry import Entry
from groups.read_marks import read_marks
from messaging import selectors as messages
from messaging.inbox import rows as inbox_rows
from messaging.inbox import selectors as inbox
from tests.cast import Person
from tests.messaging.unread.expected import READ, SEND, UNREAD, Act
from workspace.teams import services as teams

from .doors import Doors


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
    names_all: bool = False
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

    def __init__(self, group_id: str, owner: Person, people: list[Person], doors: Doors | None = None) -> None:
        self.group_id, self.owner, self.people = group_id, owner, people
        self.doors = doors or Doors()
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
        # The acknowledged drafts, by user, and by thread; under 0 that of the group.
        self.drafts: dict[tuple[str, int], list[dict[str, Any]]] = {}

    def id_of(self, seq: int) -> str:
        return f"{self.group_id}.{seq}"

    def follow_of(self, user_id: str, root: int) -> Followed:
        return self.followed.setdefault((user_id, root), Followed(until=self.left.get(user_id, 0)))

    async def head(self) -> int:
        return (await groups.get_head_position(group_id=self.group_id)).seq

    # --- what people do ----------------------------------------------------------------------------------------------
    async def send(
        self,
        who: Person,
        named: Iterable[Person] = (),
        root: int | None = None,
        *,
        names_all: bool = False,
        team: bool = False,
    ) -> int:
        ids = {one.id for one in named}
        text = _text(ids) + " <!all>" * names_all + f" <@{self.team_id}>" * team
        sent = await self.doors.act(
            who, "send", group_id=self.group_id, content=text, parent_id=self.id_of(root) if root else None
        )
        message = sent["message"]
        seq: int = message["seq"]
        names = dict.fromkeys((ids | self.team if team else ids) & self.members, seq)
        unheard, is_reply = self._blockers_of(who.id), root is not None
        self.said[seq] = Said(seq, who.id, root or seq, is_reply, message["createdAt"], names, names_all, unheard)
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
        await self.doors.act(author, "edit", message_id=self.id_of(seq), content=text)
        # Others may have gone on meanwhile; nobody else edits this message.
        edit = await self._last(lambda entry: entry.kind == "edit" and entry.target_seq == seq)
        anew = dict.fromkeys((ids & self.members) - said.named.keys(), edit)
        # Whoever has left is named no longer.
        said.named = {user_id: by for user_id, by in said.named.items() if user_id in ids & self.members} | anew
        said.named_unheard |= dict.fromkeys(anew, self._blockers_of(said.author))
        self._note_named(said, anew)

    def _note_named(self, said: Said, names: dict[str, int]) -> None:
        for user_id, seq in names.items():
            if user_id != said.author and user_id not in said.named_unheard[user_id]:
                self.follow_of(user_id, said.root).reason(seq)

    async def delete(self, seq: int) -> None:
        await self.doors.act(self.owner, "delete", message_id=self.id_of(seq))
        self.said[seq].deleted = True

    async def react(self, who: Person, seq: int, emoji: str, action: str) -> None:
        key, reactions = (who.id, emoji), self.said[seq].reactions
        await self.doors.act(who, "react", message_id=self.id_of(seq), emoji=emoji, action=action)
        if action == "remove":
            reactions.pop(key, None)
        elif key not in reactions:
            by_them = (who.id, emoji, seq)
            reactions[key] = await self._last(lambda entry: (entry.user_id, entry.emoji, entry.target_seq) == by_them)
            self.unheard_reactions[reactions[key]] = self._blockers_of(who.id)

    async def _last(self, matches: Callable[[Entry], bool]) -> int:
        """Return the seq of the last entry of the log that matches."""
        entries = await queries.entries_after(self.group_id, 0)
        return next(int(entry.seq) for entry in reversed(entries) if matches(entry))

    async def leave(self, who: Person) -> None:
        await self.doors.act(who, "leave", group_id=self.group_id)
        self.members.discard(who.id)
        head = self.left[who.id] = await self.head()
        for (user_id, _), followed in self.followed.items():
            if user_id == who.id:
                followed.end(head)

    async def come_back(self, who: Person) -> None:
        with pytest.raises(HasLeft):
            await group_services.add_members(actor=self.owner.actor, group_id=self.group_id, user_ids=[who.id])
        await self.doors.act(who, "rejoin", group_id=self.group_id)
        self.members.add(who.id)

    async def set_following(self, who: Person, root: int, *, following: bool) -> None:
        thread = await messages.list_thread(actor=who.actor, message_id=self.id_of(root))
        await self.doors.act(who, "follow" if following else "unfollow", message_id=self.id_of(root))
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
        await self.doors.act(who, "mark read", group_id=self.group_id, seq=seq, parent_id=parent_id)
        self._act(who, root, READ, seq, await self.head())

    async def mark_unread(self, who: Person, seq: int) -> None:
        state = await self.doors.act(who, "mark unread", message_id=self.id_of(seq))
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
        answer = await self.doors.act(who, "read items", item_ids=item_ids)
        if self.doors.here:
            assert answer["unread"] == await inbox.count_unread(actor=who.actor)

    async def draft(self, who: Person, content: str, root: int | None) -> None:
        parent_id = self.id_of(root) if root else None
        answer = await self.doors.act(who, "draft", group_id=self.group_id, parent_id=parent_id, content=content)
        self.drafts.setdefault((who.id, root or 0), []).append(answer["draft"])

    async def settle(self) -> None:
        """Write all marks that wait, in either process: the other one does not by itself."""
        await read_marks().write_all()
        paths = [f"/api/messages/{self.id_of(root)}/thread" for root in {said.root for said in self.said.values()}]
        for who in self.people:
            if self.doors.elsewhere and who.id in self.members:
                for path in (f"/api/groups/{self.group_id}", *paths):
                    (await self.doors.elsewhere.get(path, headers=who.headers)).raise_for_status()


def _text(ids: Iterable[str]) -> str:
    return " ".join(["hello", *(f"<@{user_id}>" for user_id in sorted(ids))])
