"""A group's log for unit tests: proposals are decided against it as against a real one, but nothing is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from groups import asked, left, models
from groups.log import queries
from groups.log.entry import Entry
from groups.log.proposal import LogView, NoOp, Proposal
from groups.log.state import LogState
from groups.models import GROUP, Group, Member
from groups.provided import rows as provided

GROUP_ID = "group_1"
CREATED_AT = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True)
class Outcome:
    """What a proposal appended, if anything, and what its caller gets."""

    appended: Entry | None
    result: Any


class LogInMemory:
    """Holds entries and roles, {userId: role}, the creator first; other rows that proposals write are not kept."""

    def __init__(self, roles: Mapping[str, str], kind: str = GROUP) -> None:
        self.group = Group(GROUP_ID, "Harbour", kind, CREATED_AT, next(iter(roles)))
        self.roles: dict[str, str] = {}
        # Who has left by themselves, and who was asked to join.
        self.left: set[str] = set()
        self.asked: set[str] = set()
        self.entries: list[Entry] = []
        created = Entry(GROUP_ID, 1, kind="group", user_id=self.group.created_by, message_count=0, roles=dict(roles))
        self._state = LogState(created)
        self._append(created)

    def message(self, author: str, content: str = "ahoy", **present: Any) -> int:
        """Append a message whose row now has these fields (`deleted`, `reactions`, ...), and return its seq."""
        messages = self._state.message_count + ("parent_id" not in present)
        values = {"user_id": author, "created_at": CREATED_AT, "message_count": messages, "content": content, **present}
        self._append(Entry(GROUP_ID, len(self.entries) + 1, kind="message", **values))
        return len(self.entries)

    async def propose(self, proposal: Proposal) -> Outcome:
        """Decide the proposal and append its entry; raises the `AppError` that it raises."""
        return (await self.propose_together(proposal))[0]

    async def propose_together(self, *proposals: Proposal) -> list[Outcome]:
        """Decide them for one write, each after those before it."""
        await self._state.learn_roles(proposal.actor_id for proposal in proposals)
        for proposal in proposals:
            if loading := proposal.load(self._state):
                await loading
        view, outcomes = LogView(self._state), []
        for proposal in proposals:
            decided = proposal.decided(view)
            if isinstance(decided, NoOp):
                outcomes.append(Outcome(None, decided.result))
            else:
                view.advance(decided.entry)
                outcomes.append(Outcome(decided.entry, decided.outcome.result))
        for outcome in outcomes:
            if outcome.appended:
                self._append(outcome.appended)
        return outcomes

    def restart(self) -> None:
        """Forget what a process remembers of the log's end."""
        self._state = LogState(self.entries[-1])

    def _append(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._state.apply(entry)
        for user_id, role in (entry.roles or {}).items():
            if role:
                self.roles[user_id] = role
                self.left.discard(user_id)
                self.asked.discard(user_id)
            else:
                del self.roles[user_id]
                self.asked.discard(user_id)
                if user_id == entry.user_id:
                    self.left.add(user_id)

    # --- what proposals read -----------------------------------------------------------------------------------------
    def replace_queries(self, patch: pytest.MonkeyPatch) -> None:
        """Stand in for the store until the test ends."""
        patch.setattr(queries, "get_entry", self._get_entry)
        patch.setattr(queries, "entries_before", self._entries_before)
        patch.setattr(left, "find_left", self._find_left)
        patch.setattr(asked, "is_asked", self._is_asked)
        patch.setattr(provided, "list_of", self._list_provided)
        patch.setattr(models, "find_group", self._find_group)
        patch.setattr(models, "find_member", self._find_member)
        patch.setattr(models, "find_members", self._find_members)
        patch.setattr(models, "find_attached_files", self._find_attached_files)

    async def _get_entry(self, group_id: str, seq: int) -> Entry | None:
        return self.entries[seq - 1] if 0 < seq <= len(self.entries) else None

    async def _entries_before(self, group_id: str, seq: int, *, limit: int) -> list[Entry]:
        return self.entries[max(0, seq - 1 - limit) : seq - 1][::-1]

    async def _find_group(self, group_id: str) -> Group | None:
        return self.group if group_id == self.group.id else None

    async def _find_member(self, group_id: str, user_id: str) -> Member | None:
        return (await self._find_members(group_id, [user_id])).get(user_id)

    async def _find_members(self, group_id: str, user_ids: Iterable[str]) -> dict[str, Member]:
        known = [user_id for user_id in user_ids if user_id in self.roles]
        return {user_id: Member(group_id, user_id, self.roles[user_id], CREATED_AT) for user_id in known}

    async def _find_left(self, group_id: str, user_ids: Iterable[str]) -> dict[str, bool]:
        return {user_id: False for user_id in user_ids if user_id in self.left}

    async def _is_asked(self, user_id: str, group_id: str) -> bool:
        return user_id in self.asked

    async def _list_provided(self, user_id: str) -> frozenset[str]:
        return frozenset()

    async def _find_attached_files(self, group_id: str, file_ids: Iterable[str]) -> dict[str, int]:
        messages = [entry for entry in self.entries if entry.kind == "message"]
        attached = {file["id"]: int(entry.seq) for entry in messages for file in entry.attachments or ()}
        return {file_id: attached[file_id] for file_id in file_ids if file_id in attached}
