"""Whom somebody has blocked, and when: a row for each pair in the blocker's partition. Raises what `store.call` raises.

A row has the intervals during which the block was in force. So whether it was at some moment, such as when something
was written, is the same answer whoever asks, and however late (docs/decisions/0048). A row whose last interval is over
expires when nothing that was written then is listed any more.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import now

from .models import UserRow, load
from .own_rows import list_own_rows

# Longer than items of an inbox are kept.
_KEPT_SECONDS = 100 * 86_400
# Of one pair; the oldest are forgotten.
_MAX_INTERVALS = 20
_PREFIX = "blocked#"
_Interval = tuple[str, str | None]
# Who has blocked whom.
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """Whom somebody has blocked; `intervals` are the times from when and, None: until now, until when. ISO, in UTC."""

    user_id: str
    intervals: tuple[_Interval, ...] = ()
    version: int = 0

    @property
    def since(self) -> str | None:
        """When the present interval began, None if there is none."""
        return self.intervals[-1][0] if self.intervals and self.intervals[-1][1] is None else None

    def covers(self, moment: str) -> bool:
        """Return whether it was in force at a time."""
        return any(since <= moment and (until is None or moment < until) for since, until in self.intervals)

    def changed(self, *, blocked: bool) -> "Block":
        """Return the block as it is from now on."""
        if blocked == (self.since is not None):
            return self
        if blocked:
            intervals = (*self.intervals, (now(), None))
        else:
            *earlier, (since, _) = self.intervals
            intervals = (*earlier, (since, now()))
        return Block(self.user_id, intervals[-_MAX_INTERVALS:], self.version)


class Blocks:
    """The blocks of some pairs, which were read."""

    def __init__(self) -> None:
        self._known: dict[Pair, Block | None] = {}

    @classmethod
    async def read(cls, pairs: Iterable[Pair]) -> "Blocks":
        blocks = cls()
        await blocks.learn(pairs)
        return blocks

    async def learn(self, pairs: Iterable[Pair]) -> None:
        """Read the blocks of these pairs of a blocker and somebody else, a hundred in one consistent read."""
        keys = {(by, f"{_PREFIX}{other}"): (by, other) for by, other in pairs if by != other}
        keys = {key: pair for key, pair in keys.items() if pair not in self._known}
        rows = await load(keys) if keys else {}
        self._known |= {pair: _to_block(rows[key]) if key in rows else None for key, pair in keys.items()}

    def cover(self, by: str, user_id: str, moment: str) -> bool:
        """Return whether `by` had blocked the user at a time."""
        block = self._known.get((by, user_id))
        return block is not None and block.covers(moment)

    def get(self, by: str, user_id: str) -> Block:
        return self._known.get((by, user_id)) or Block(user_id)


async def find_block(by: str, user_id: str) -> Block:
    return (await Blocks.read([(by, user_id)])).get(by, user_id)


async def find_blockers(user_id: str, among: Iterable[str]) -> set[str]:
    """Return the ids of those among these users who have blocked the user now."""
    others = set(among) - {user_id}
    known = await Blocks.read((other, user_id) for other in others)
    return {other for other in others if known.get(other, user_id).since}


async def list_blocked(by: str) -> list[Block]:
    """Return whom somebody has blocked now, in the order of their ids."""
    blocks = [_to_block(row) for row in await list_own_rows(by, _PREFIX)]
    return [block for block in blocks if block.since is not None]


async def put(by: str, block: Block) -> Block:
    """Write a block, which was read in its `version`; raises `ConditionFailed` if it has changed since."""
    row = UserRow(by, f"{_PREFIX}{block.user_id}")
    is_as = UserRow.version == block.version if block.version else UserRow.version.does_not_exist()
    expiry = UserRow.expires_at
    actions: list[Action] = [
        UserRow.intervals.set([list(interval) for interval in block.intervals]),
        UserRow.version.set(block.version + 1),
        expiry.remove() if block.since else expiry.set(int(time.time()) + _KEPT_SECONDS),
    ]
    await store.call(row.update, actions, is_as)
    return Block(block.user_id, block.intervals, block.version + 1)


def check_unchanged(transaction: TransactWrite, by: str, block: Block) -> None:
    """Have a transaction fail if the block has changed since it was read."""
    is_as = UserRow.version == block.version if block.version else UserRow.version.does_not_exist()
    transaction.condition_check(UserRow, by, f"{_PREFIX}{block.user_id}", condition=is_as)


def check_none_among(transaction: TransactWrite, user_ids: Iterable[str]) -> None:
    """Have a transaction fail while one of two people has blocked the other."""
    ids = list(user_ids)
    not_now = UserRow.version.does_not_exist() | UserRow.expires_at.exists()
    for by, other in permutations(ids, 2) if len(ids) == 2 else ():
        transaction.condition_check(UserRow, by, f"{_PREFIX}{other}", condition=not_now)


def _to_block(row: UserRow) -> Block:
    intervals = tuple((since, until) for since, until in row.intervals or ())
    return Block(row.item.removeprefix(_PREFIX), intervals, int(row.version or 0))
