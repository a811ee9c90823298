"""A proposal that waits to be stored, and what fits into one write with others."""

import asyncio
import math
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from .proposal import RULES_KEY, Append, Proposal, member_key
from .state import LogState

# The most items of one TransactWriteItems.
MAX_ROWS = 100
# A DynamoDB transaction may have 4 MB; 750,000 characters of up to 4 bytes leave 1 MB for the other attributes.
MAX_CHARACTERS = 750_000


@dataclass(slots=True, eq=False)
class Pending:
    """A queued proposal and its caller's future; `attempts` holds the `Append` decided at each seq.

    `deadline`, in monotonic time, is when the caller must have an answer.
    """

    proposal: Proposal
    future: asyncio.Future[Any]
    deadline: float = math.inf
    attempts: dict[int, Append] = field(default_factory=dict)
    reads: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.reads = self.proposal.reads | {member_key(self.proposal.actor_id), RULES_KEY}

    def begin_load(self, state: LogState) -> Awaitable[None] | None:
        """Return what reads what the decision needs, or None; an error is this caller's alone."""
        try:
            return self.proposal.load(state)
        except Exception as error:  # a bug in one proposal's rules must not refuse the others
            self.reject(error)
            return None

    def resolve(self, result: Any) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def reject(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class WriteSet:
    """What one write holds so far: the keys that its appends read and write, and their size."""

    def __init__(self) -> None:
        self._reads: set[str] = set()
        self._writes: set[str] = set()
        self._rows = self._characters = 0

    def overlaps(self, pending: Pending) -> bool:
        """Return whether the proposal depends on an append of this write, or the other way round."""
        writes = pending.proposal.writes
        independent = self._writes.isdisjoint(pending.reads) and self._writes.isdisjoint(writes)
        return not (independent and self._reads.isdisjoint(writes))

    def reserve(self, pending: Pending, append: Append) -> bool:
        """Add the append; return False, and add nothing, when the write would become too large."""
        rows = self._rows + 1 + len(append.extra_writes)
        characters = self._characters + len(append.entry.content or "") + append.extra_characters
        if self._rows and (rows > MAX_ROWS or characters > MAX_CHARACTERS):
            return False
        self._rows, self._characters = rows, characters
        self._reads |= pending.reads
        self._writes |= pending.proposal.writes
        return True
