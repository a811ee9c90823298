"""What a process has in memory of a log's end: its seq, its rules, the members' roles, and the recent sends."""

import asyncio
from collections import deque
from collections.abc import Iterable

from groups import models
from groups.direct import is_direct_id
from groups.models import Member

from . import queries
from .entry import Entry

# A retry without `after` is recognised among at least this many last entries.
RECENT_ENTRIES = 1000
MAX_REMEMBERED = 4 * RECENT_ENTRIES
# Of an entry of kind `group`: its author has closed the direct conversation by blocking the other, or opens it again.
CLOSE, OPEN = "close", "open"
# What one `BatchGetItem` reads: of more users it is asked first whether the group has so many members.
_MANY = 100


class LogState:
    """The end of one group's log as of `seq`; if another process has appended since, the next conditional put fails."""

    def __init__(self, head: Entry) -> None:
        self.group_id: str = head.group_id
        self.seq = int(head.seq)
        self.message_count = int(head.message_count)
        self.all_count = int(head.all_count or 0)
        # Who has closed a direct conversation by blocking the other.
        self.closed_by: frozenset[str] = frozenset()
        self.rules_text: str | None = head.rules
        self._roles: dict[str, str] = {}
        self._sends: dict[tuple[str, str], int] = {}
        self._order: deque[tuple[int, tuple[str, str] | None]] = deque()
        # `_sends` has every send after this seq.
        self._covered_after = self.seq
        self._covering = asyncio.Lock()

    @classmethod
    async def load(cls, group_id: str) -> "LogState | None":
        """Return the state at the log's end, or None when there is no such group."""
        head = await queries.last_entry(group_id)
        state = cls(head) if head else None
        if state and is_direct_id(group_id):
            # After the head: what closes it later is an entry that follows.
            state.closed_by = await models.find_closed_by(group_id)
        return state

    def role_of(self, user_id: str) -> str | None:
        """Return the member's role, or None for someone who is not known to be a member."""
        return self._roles.get(user_id)

    async def learn_roles(self, user_ids: Iterable[str]) -> None:
        """Read the roles that are not known yet. That someone has none is not cached: another process may add them."""
        missing = [user_id for user_id in dict.fromkeys(user_ids) if user_id not in self._roles]
        if len(missing) == 1:
            member = await models.find_member(self.group_id, missing[0])
            if member:
                self._roles[member.user_id] = member.role
        elif missing:
            for member in await self._find_members(missing):
                self._roles[member.user_id] = member.role

    async def _find_members(self, user_ids: list[str]) -> Iterable[Member]:
        """Return the members among these users; of very many, where the group has fewer, by reading it whole."""
        if len(user_ids) > _MANY and await models.count_members(self.group_id, limit=len(user_ids)) < len(user_ids):
            wanted = set(user_ids)
            return [member for member in await models.list_members(self.group_id) if member.user_id in wanted]
        return (await models.find_members(self.group_id, user_ids)).values()

    def forget_role(self, user_id: str) -> None:
        self._roles.pop(user_id, None)

    def seq_of_send(self, user_id: str, client_id: str) -> int | None:
        """Return the seq of this sender's message with this clientId, or None when the covered sends lack it."""
        return self._sends.get((user_id, client_id))

    def covers_sends(self, after: int | None) -> bool:
        """Return whether every send after the seq `after` is known; None means the last `RECENT_ENTRIES` entries."""
        return self._sends_from(after) >= self._covered_after

    async def cover_sends(self, after: int | None) -> None:
        """Read the sends that `covers_sends` lacks. Locked: entries remembered twice would be evicted too early."""
        async with self._covering:
            if self.covers_sends(after):
                return
            start, known = self._sends_from(after), self._covered_after
            for entry in await queries.entries_before(self.group_id, known + 1, limit=known - start):
                self._order.appendleft(self._remember(entry))
            self._covered_after = start

    def _sends_from(self, after: int | None) -> int:
        return max(0, self.seq - RECENT_ENTRIES if after is None else min(after, self.seq))

    def apply(self, entry: Entry) -> None:
        """Advance by the entry that follows `seq`."""
        # Reading each value through PynamoDB's descriptors would cost more than all of this.
        value = entry.attribute_values
        self.seq, self.message_count = int(value["seq"]), int(value["message_count"])
        self.all_count = int(value.get("all_count") or 0)
        self.rules_text = value.get("rules")
        for user_id, role in (value.get("roles") or {}).items():
            if role is None:
                self._roles.pop(user_id, None)
            else:
                self._roles[user_id] = role
        if value["kind"] == "group":
            self.closed_by = closed_after(entry, self.closed_by)
        self._order.append(self._remember(entry))
        while len(self._order) > MAX_REMEMBERED:
            seq, key = self._order.popleft()
            self._covered_after = seq
            if key and self._sends.get(key) == seq:
                del self._sends[key]

    def _remember(self, entry: Entry) -> tuple[int, tuple[str, str] | None]:
        """Remember the entry's send, if it is one, and return the entry's element of `_order`."""
        value = entry.attribute_values
        seq, client_id = int(value["seq"]), value.get("client_id")
        if not client_id:
            return seq, None
        key = (value["user_id"], client_id)
        self._sends.setdefault(key, seq)
        return seq, key


def closed_after(entry: Entry, closed_by: frozenset[str]) -> frozenset[str]:
    """Return who has closed a direct conversation after an entry of kind `group`."""
    if entry.action == CLOSE:
        return closed_by | {entry.user_id}
    return closed_by - {entry.user_id} if entry.action == OPEN else closed_by
