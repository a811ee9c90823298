"""Group commit: what wants to be appended to one log while a write is in flight leaves together in the next one.

An append is a conditional put of `seq = head + 1`: no lock, no counter, no hole. Whoever loses the race reads what came
in between and decides again. The appender publishes what it has committed, so that no caller can forget to, and a
caller that goes away between commit and publish changes nothing.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from dynamodb import store
from foundation.errors import ChatError, NotFound, Unavailable
from foundation.per_loop import PerLoop
from groups import models
from realtime.hub.hub import get_hub

from . import queries
from .proposal import Append, LogView, NoOp, Proposal, member_key
from .state import LogState
from .writing import write_and_prepare

MAX_ROWS = 100
# DynamoDB takes 4 MB a transaction; a character is up to 4 bytes.
MAX_CHARACTERS = 750_000
# So many always leave together: what waiting for another write would cost them is more than it gains.
_MANY = 32
_ATTEMPTS = 60
_UNKNOWN_ATTEMPTS = 2
_KEPT_APPENDERS = 5000


@dataclass(slots=True, eq=False)
class _Pending:
    """One caller's proposal; `tried` holds the `Append` that was decided at each seq."""

    proposal: Proposal
    future: asyncio.Future[Any]
    tried: dict[int, Append] = field(default_factory=dict)
    reads: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.reads = self.proposal.reads | {member_key(self.proposal.actor_id)}

    def answer(self, result: Any) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def refuse(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class _WriteSet:
    """What one write holds so far: which keys its appends read and write, and how much room they take."""

    def __init__(self) -> None:
        self._reads: set[str] = set()
        self._writes: set[str] = set()
        self._rows = self._characters = 0

    def overlaps(self, waiting: _Pending) -> bool:
        mine = waiting.proposal.writes
        apart = self._writes.isdisjoint(waiting.reads) and self._writes.isdisjoint(mine)
        return not (apart and self._reads.isdisjoint(mine))

    def reserve(self, waiting: _Pending, planned: Append) -> bool:
        """Count the append in; return False when the write has no room for it."""
        rows = self._rows + 1 + len(planned.also)
        characters = self._characters + len(planned.entry.content or "")
        if self._rows and (rows > MAX_ROWS or characters > MAX_CHARACTERS):
            return False
        self._rows, self._characters = rows, characters
        self._reads |= waiting.reads
        self._writes |= waiting.proposal.writes
        return True


class _StaleRoles(Exception):
    """The store knows of a change to the members that this process has not read yet."""


class Appender:
    """Appends to one group's log for this process; proposals are decided in the order in which they came."""

    def __init__(self, group_id: str) -> None:
        self.group_id = group_id
        self._state: LogState | None = None
        self._waiting: deque[_Pending] = deque()
        self._batch: list[_Pending] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> LogState | None:
        return self._state

    @property
    def idle(self) -> bool:
        return self._task is None

    def begin_append(self, proposal: Proposal) -> asyncio.Future[Any]:
        """Queue a proposal; the future has its result once it is stored, or what `decide` refuses with."""
        waiting = _Pending(proposal, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        return waiting.future

    async def _drain(self) -> None:
        try:
            while self._waiting:
                self._batch = self._next_batch()
                try:
                    await self._commit()
                except Exception as error:  # each caller must get an answer, and the next batch a fresh start
                    self._state = None
                    for waiting in self._batch:
                        waiting.refuse(error)
        finally:
            self._batch, self._task = [], None

    def _next_batch(self) -> list[_Pending]:
        """Take what waits, but behind another batch no more of many than leaves the two even.

        While one is written, those of the last are answered, and often come again. Even batches keep the store and the
        processor busy at the same time; left alone, a large one and a small one would take turns.
        """
        size, last = len(self._waiting), len(self._batch)
        if last:
            size = min(size, max(_MANY, (size + last + 1) // 2))
        return [self._waiting.popleft() for _ in range(min(size, MAX_ROWS))]

    async def _commit(self) -> None:
        """See every proposal of the batch to its end, or back to the front of the queue."""
        unknown = 0
        for attempt in range(_ATTEMPTS):
            self._batch = [waiting for waiting in self._batch if not waiting.future.done()]
            if not self._batch:
                return
            state = await self._prepared()
            try:
                appends = await self._decide(state)
                await write_and_prepare([planned for _, planned in appends])
            except (store.ConditionFailed, _StaleRoles):
                await self._catch_up(state)
                await asyncio.sleep(random.uniform(0, 0.002 * min(attempt, 10)))  # noqa: S311 - spreads rivals, no secret
            except store.OutcomeUnknown:
                # It may have been stored, or may still be: the same nonces are tried again, and found if it was.
                unknown += 1
                if unknown == _UNKNOWN_ATTEMPTS:
                    raise
                await self._catch_up(state)
            else:
                self._committed(state, appends)
                return
        raise Unavailable("Too many others write to this group at once: try again.")

    async def _prepared(self) -> LogState:
        if self._state is None:
            self._state = await LogState.load(self.group_id)
        if self._state is None:
            raise NotFound
        await self._state.learn_roles(waiting.proposal.actor_id for waiting in self._batch)
        # Nothing is read for who is not in.
        members = [waiting for waiting in self._batch if self._state.role_of(waiting.proposal.actor_id)]
        if loads := {w: load for w in members if (load := w.proposal.load(self._state))}:
            await self._load(loads)
        return self._state

    async def _load(self, loads: dict[_Pending, Awaitable[None]]) -> None:
        """Read what the decisions need; a read that fails costs its own caller the answer, and nobody else."""
        outcomes = await asyncio.gather(*loads.values(), return_exceptions=True)
        for waiting, outcome in zip(loads, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                waiting.refuse(outcome)
        self._batch = [waiting for waiting in self._batch if not waiting.future.done()]

    async def _decide(self, state: LogState) -> list[tuple[_Pending, Append]]:
        """Decide in order; what overlaps an earlier append, or does not fit, goes back to the front."""
        view, appends, writes = LogView(state), [], _WriteSet()
        for index, waiting in enumerate(self._batch):
            decided = None
            if not writes.overlaps(waiting):
                decided = await self._decide_one(state, waiting, view)
                if decided is None:
                    continue
            if decided is None or not writes.reserve(waiting, decided):
                self._waiting.extendleft(reversed(self._batch[index:]))
                del self._batch[index:]
                break
            view.advance(decided.entry)
            waiting.tried[view.seq] = decided
            appends.append((waiting, decided))
        return appends

    async def _decide_one(self, state: LogState, waiting: _Pending, view: LogView) -> Append | None:
        """Return the append to write, or answer the caller at once and return None."""
        try:
            decided = waiting.proposal.decide(view)
        except NotFound as refusal:
            waiting.refuse(refusal)
            return None
        except ChatError as refusal:
            if await self._is_member(state, waiting):
                waiting.refuse(refusal)
            return None
        if isinstance(decided, NoOp):
            if await self._is_member(state, waiting):
                waiting.answer(decided.result)
            return None
        return decided

    async def _is_member(self, state: LogState, waiting: _Pending) -> bool:
        """Ask the store: what ends without a write has no conditional put to tell that the caller was removed.

        Raises `_StaleRoles` when they have another role than was decided by.
        """
        user_id = waiting.proposal.actor_id
        member = await models.find_member(self.group_id, user_id)
        if member and member.role != state.role_of(user_id):
            raise _StaleRoles
        if member:
            return True
        state.forget_role(user_id)
        waiting.refuse(NotFound())
        return False

    async def _catch_up(self, state: LogState) -> None:
        """Read what was appended since, and recognise our own entries whose answer was lost."""
        own = {waiting.proposal.nonce: waiting for waiting in self._batch}
        while entries := await queries.entries_after(self.group_id, state.seq):
            stored = []
            for entry in entries:
                waiting = own.get(entry.nonce)
                if waiting:
                    stored.append((waiting, waiting.tried[int(entry.seq)]))
                state.apply(entry)
            self._announce(stored)

    def _committed(self, state: LogState, appends: list[tuple[_Pending, Append]]) -> None:
        for _, planned in appends:
            state.apply(planned.entry)
        self._announce(appends)

    def _announce(self, appends: list[tuple[_Pending, Append]]) -> None:
        if appends:
            get_hub().publish(self.group_id, [planned.outcome.change for _, planned in appends])
        for waiting, planned in appends:
            waiting.answer(planned.outcome.result)


# Those of the running loop by group, the one used last at the end.
get_appenders: PerLoop[dict[str, Appender]] = PerLoop(dict)


def known_state(group_id: str) -> LogState | None:
    """Return what this process's appender knows of a log, if anything; the log may have gone on."""
    appender = get_appenders().get(group_id)
    return appender.state if appender else None


async def append(group_id: str, proposal: Proposal) -> Any:
    """Append to a group's log, and return the proposal's result; raises what it refuses with, or `Unavailable`."""
    return await begin_append(group_id, proposal)


def begin_append(group_id: str, proposal: Proposal) -> asyncio.Future[Any]:
    """Queue a proposal for a group's log; this process's appender stores them in the order of these calls."""
    appenders = get_appenders()
    appender = appenders.pop(group_id, None) or Appender(group_id)
    appenders[group_id] = appender
    if len(appenders) > _KEPT_APPENDERS:
        oldest = next(iter(appenders))
        if appenders[oldest].idle:
            del appenders[oldest]
    return appender.begin_append(proposal)
