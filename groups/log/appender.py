"""Group commit: proposals that arrive while a write is in flight leave together in the next one.

An append is a conditional put of `seq = head + 1`: no lock, no counter, no hole. A writer that loses the race reads the
new entries and decides again. The appender itself publishes what it has committed, so no caller can forget to, and the
cancellation of a caller does not prevent it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import Any

from dynamodb import store
from foundation.answering import deadline, in_time
from foundation.backoff import backoff
from foundation.errors import AppError, NotFound, Unavailable
from foundation.per_loop import PerLoop
from groups.followers.wakes import wakes
from groups.read_marks import read_marks
from realtime.hub.hub import get_hub

from . import queries
from .confirming import StaleState, confirm
from .head_hints import head_hints
from .pending import MAX_ROWS, Pending, WriteSet
from .proposal import Append, LogView, NoOp, Outcome, Proposal
from .state import LogState
from .writing import store_and_prepare

# A batch of this size is never split: an even split would save less than waiting for another write costs.
_MIN_BATCH = 32
_ATTEMPTS = 60
# Seconds between attempts. A write takes a few milliseconds; after a longer wait the others would be ahead again.
_BACKOFF_BASE, _BACKOFF_CAP = 0.002, 0.05
_UNKNOWN_ATTEMPTS = 2
_MAX_APPENDERS = 5000


class Appender:
    """Appends to one group's log for this process; proposals are decided in the order of their arrival."""

    def __init__(self, group_id: str) -> None:
        self.group_id = group_id
        self._state: LogState | None = None
        self._queue: deque[Pending] = deque()
        self._batch: list[Pending] = []
        # The sizes of the next batches, the next one last: the halves of a batch that the store refused.
        self._halves: list[int] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> LogState | None:
        return self._state

    @property
    def idle(self) -> bool:
        return self._task is None

    def begin_append(self, proposal: Proposal, until: float | None = None) -> asyncio.Future[Any]:
        """Queue a proposal; its future gets the result once it is stored, or the error that `decide` raises.

        It gets `Unavailable` at the monotonic time `until`, by default that of `foundation.answering.deadline`.
        """
        pending = Pending(proposal, asyncio.get_running_loop().create_future(), until or deadline())
        self._queue.append(pending)
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        return pending.future

    async def _drain(self) -> None:
        try:
            while self._queue:
                self._batch = self._next_batch()
                try:
                    # The first one has waited longest; whoever came during a batch that failed still has time.
                    await in_time(self._commit(), self._batch[0].deadline)
                except Exception as error:  # every caller must get a result, and the next batch a fresh state
                    self._state = None
                    # A write whose outcome is not known may have been made.
                    wakes().mark(self.group_id)
                    for pending in self._batch:
                        pending.reject(error)
        finally:
            self._batch, self._task = [], None

    def _next_batch(self) -> list[Pending]:
        """Dequeue what is pending; right after another batch, at most so many that the two are of equal size.

        Senders often send again as soon as their batch is stored, while the next one is being written. Equal batches
        keep the store and the processor busy at the same time; without this, large and small batches would alternate.
        """
        size, previous = len(self._queue), len(self._batch)
        if self._halves:
            size = self._halves.pop()
        elif previous:
            size = min(size, max(_MIN_BATCH, (size + previous + 1) // 2))
        return [self._queue.popleft() for _ in range(min(size, MAX_ROWS))]

    async def _commit(self) -> None:
        """Store the batch; proposals that do not fit into the write return to the front of the queue."""
        unknown = 0
        delays = backoff(_ATTEMPTS - 1, base=_BACKOFF_BASE, cap=_BACKOFF_CAP)
        for _ in range(_ATTEMPTS):
            self._batch = [pending for pending in self._batch if not pending.future.done()]
            if not self._batch:
                return
            state = await self._prepare()
            try:
                appends = await self._decide(state)
                await store_and_prepare([append for _, append in appends])
            except (store.ConditionFailed, StaleState):
                # Wait first: what is read after the wait is less likely to be out of date at the next attempt.
                await asyncio.sleep(next(delays, 0))
                await self._catch_up(state)
            except store.OutcomeUnknown:
                # The write may have been made, or may still be: retry with the same nonces, and find them if it was.
                unknown += 1
                if unknown == _UNKNOWN_ATTEMPTS:
                    raise
                await self._catch_up(state)
            except Exception as error:  # the store's refusal, or a bug: of one append, but of which?
                if unknown and len(self._batch) > 1:
                    # That write may still be made. Its proposals are found again only together.
                    raise store.OutcomeUnknown from error
                # A store that is too busy is so for every half, and more writes would make it busier.
                if len(self._batch) == 1 or isinstance(error, Unavailable):
                    raise
                self._halve_batch()
                return
            else:
                for _, append in appends:
                    state.apply(append.entry)
                self._publish(appends)
                return
        raise Unavailable("Too many others write to this group at once: try again.")

    def _halve_batch(self) -> None:
        """Return the batch to the queue, to be written in two halves: in the end only what is refused alone fails.

        One refused append of a hundred costs 14 more writes at most, and the order stays.
        """
        size = len(self._batch)
        self._queue.extendleft(reversed(self._batch))
        self._halves += [size - size // 2, size // 2]

    async def _prepare(self) -> LogState:
        """Return the log's end, with the callers' roles and all that the decisions need loaded."""
        if self._state is None:
            self._state = await LogState.load(self.group_id)
        if self._state is None:
            raise NotFound
        await self._state.learn_roles(pending.proposal.actor_id for pending in self._batch)
        # Nothing is read for callers who are not members, if that is what they must be.
        state = self._state
        permitted = [
            each for each in self._batch if each.proposal.by_outsiders or state.role_of(each.proposal.actor_id)
        ]
        if loads := {pending: load for pending in permitted if (load := pending.begin_load(state))}:
            await self._load(loads)
        self._batch = [pending for pending in self._batch if not pending.future.done()]
        return self._state

    async def _load(self, loads: dict[Pending, Awaitable[None]]) -> None:
        """Read what the decisions need; a read that fails rejects its own proposal and no other."""
        outcomes = await asyncio.gather(*loads.values(), return_exceptions=True)
        for pending, outcome in zip(loads, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                pending.reject(outcome)

    async def _decide(self, state: LogState) -> list[tuple[Pending, Append]]:
        """Decide in order, up to the first proposal that overlaps an earlier append or does not fit.

        That one and all after it return to the front of the queue.
        """
        view, appends, writes = LogView(state), [], WriteSet()
        for index, pending in enumerate(self._batch):
            append = None
            if not writes.overlaps(pending):
                append = await self._decide_one(state, pending, view)
                if append is None:
                    continue
            if append is None or not writes.reserve(pending, append):
                self._queue.extendleft(reversed(self._batch[index:]))
                del self._batch[index:]
                break
            view.advance(append.entry)
            pending.attempts[view.seq] = append
            appends.append((pending, append))
        return appends

    async def _decide_one(self, state: LogState, pending: Pending, view: LogView) -> Append | None:
        """Return the append to write, or None when the caller has a result without one."""
        try:
            decided = pending.proposal.decided(view)
        except NotFound as refusal:
            pending.reject(refusal)
            return None
        except AppError as refusal:
            if await confirm(state, pending, refusal):
                pending.reject(refusal)
            return None
        except Exception as error:  # a bug in one proposal's rules must not refuse the others
            pending.reject(error)
            return None
        if isinstance(decided, NoOp):
            if await confirm(state, pending):
                pending.resolve(decided.result)
            return None
        return decided

    async def _catch_up(self, state: LogState) -> None:
        """Read what was appended since, and recognise this batch's own entries whose response was lost."""
        by_nonce = {pending.proposal.nonce: pending for pending in self._batch}
        while entries := await queries.entries_after(self.group_id, state.seq):
            stored = []
            for entry in entries:
                pending = by_nonce.get(entry.nonce)
                if pending:
                    stored.append((pending, pending.attempts[int(entry.seq)]))
                state.apply(entry)
            self._publish(stored)

    def _publish(self, appends: list[tuple[Pending, Append]]) -> None:
        """Publish the changes, note the log's end, then give the callers their results.

        An append whose outcome cannot be built is stored all the same: rooms notice the gap and read its entry.
        """
        outcomes = [(pending, outcome) for pending, append in appends if (outcome := _build_outcome(pending, append))]
        if appends:
            wakes().mark(self.group_id)
        if outcomes:
            get_hub().publish(self.group_id, [outcome.change for _, outcome in outcomes])
            head_hints().note(self.group_id, outcomes[-1][1].change.seq)
        for pending, outcome in outcomes:
            if outcome.own_mark:
                read_marks().note_sent(*outcome.own_mark)
            pending.resolve(outcome.result)


def _build_outcome(pending: Pending, append: Append) -> Outcome | None:
    try:
        return append.outcome
    except Exception as error:  # as in `decide`
        pending.reject(error)
        return None


# The running loop's appenders by group id, least recently used first.
get_appenders: PerLoop[dict[str, Appender]] = PerLoop(dict)


def cached_state(group_id: str) -> LogState | None:
    """Return the state that this process has in memory of a log, or None; the log may be ahead of it."""
    appender = get_appenders().get(group_id)
    return appender.state if appender else None


async def append(group_id: str, proposal: Proposal) -> Any:
    """Append to a group's log and return the proposal's result.

    Raises `NotFound` when there is no such group or the actor is not in it, what `decide` raises, or `Unavailable`.
    """
    return await begin_append(group_id, proposal)


def begin_append(group_id: str, proposal: Proposal, until: float | None = None) -> asyncio.Future[Any]:
    """Queue a proposal; its future has what `append` returns or raises, at the monotonic time `until` at the latest.

    This process keeps the order of these calls.
    """
    appenders = get_appenders()
    appender = appenders.pop(group_id, None) or Appender(group_id)
    appenders[group_id] = appender
    if len(appenders) > _MAX_APPENDERS:
        oldest = next(iter(appenders))
        if appenders[oldest].idle:
            del appenders[oldest]
    return appender.begin_append(proposal, until)
