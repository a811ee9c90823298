"""Follows the logs in this process: takes groups that are due, a few at a time, and rests in proportion to its work.

In a server, followers must not slow down those who wait for an answer: after each round it rests nine times as long as
the process has computed meanwhile. A server that is busy follows late, and catches up when it has time.
"""

import asyncio
import logging
import random
import time
from contextlib import suppress

import redis.asyncio as redis
from django.conf import settings

from foundation.errors import Unavailable
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import cancel_and_wait

from . import places, registrations
from .feeding import AWAY_PAUSE
from .follower import Follower, registered
from .places import GroupPlaces
from .registrations import Registration
from .slices import Slice
from .sweep import groups_behind
from .wake_queue import PARTITIONS, REST, Taken, wake_queue
from .wakes import wakes

logger = logging.getLogger(__name__)

# How many groups are followed at a time.
_CONCURRENCY = 16
# Seconds that a round waits for its groups if nothing else is woken; a slow one goes on beside the next rounds.
_ROUND = 1.0
# Seconds between two looks for groups that others have woken; this process follows at once those that it has, and each
# as soon as it has rested.
POLL, ALONE_POLL = 1.0, 0.1
_REST_SHARE, _MAX_REST = 9.0, 5.0
# Seconds after which the registrations are read again: somebody may have had a follower rebuilt.
_REGISTRATIONS_AGE = 5.0
_CLOSE_TIMEOUT = 3.0


class Runner:
    """Follows until it is closed; `alone` in a process that does nothing else, where it does not rest."""

    def __init__(self, *, alone: bool = False) -> None:
        self._rest_share, self._poll = (0.0, ALONE_POLL) if alone else (_REST_SHARE, POLL)
        self._followers: dict[str, tuple[Follower, Registration]] = {}
        self._known_at = float("-inf")
        self._following: set[asyncio.Task[None]] = set()
        self._log_throttle = LogThrottle()
        self._stopping = False
        # When the next group is due, as far as this process knows, in monotonic time.
        self._next_at = float("inf")
        # The next partition where Redis does not say it, and those whose turn it was when the store did not answer.
        self._swept_alone_at, self._partition = time.monotonic(), random.randrange(PARTITIONS)  # noqa: S311
        self._owed: list[int] = []
        self._sweep_again_at = 0.0

    async def run(self) -> None:
        while not self._stopping:
            before = time.process_time()
            try:
                busy = await self.run_round()
            except Unavailable:
                self._say_away()
                busy = False
                await asyncio.sleep(AWAY_PAUSE)
            except Exception:  # a bug; whoever follows must not stop for good
                self._say_failed("a round")
                busy = False
                await asyncio.sleep(AWAY_PAUSE)
            await asyncio.sleep(min(_MAX_REST, self._rest_share * (time.process_time() - before)))
            if not busy:
                await self._wait()

    async def run_round(self) -> bool:
        """Follow what is due and sweep a partition if it is time; return whether there may be more at once."""
        wakes().on_written.clear()
        await self._know_followers()
        if not self._followers:
            return False
        more = await self._sweep()
        free = _CONCURRENCY - len(self._following)
        taken = await self._take(free)
        known = await self._find(taken)
        for group_id in taken.group_ids:
            task = asyncio.create_task(self._follow(group_id, known.get(group_id), taken.until))
            self._following.add(task)
            task.add_done_callback(self._following.discard)
        await self._wait_for_groups()
        return more or len(taken.group_ids) == free

    def stop_sweeping(self) -> None:
        """Leave what nobody has woken to other processes; for tests and measurements."""
        self._sweep_again_at = float("inf")

    async def settle(self) -> None:
        """Wait for all groups that were taken; for tests and measurements: a round ends when others are woken."""
        if self._following:
            await asyncio.wait(self._following)

    async def stop(self) -> None:
        """Let what is being followed come to its end, for a moment; the leases of the rest run out."""
        self._stopping = True
        wakes().on_written.set()
        if self._following:
            await asyncio.wait(self._following, timeout=_CLOSE_TIMEOUT)
        for task in self._following:
            task.cancel()

    # --- groups that are due -----------------------------------------------------------------------------------------
    async def _take(self, limit: int) -> Taken:
        """Take groups from Redis, or from this process's own marks while it is away: those have no lease."""
        self._next_at = float("inf")
        if limit and not wakes().is_away():
            with suppress(redis.RedisError):
                taken = await wake_queue().take(limit)
                # Of more than it may follow at a time the rest waits until some of these are done.
                if taken.next_in is not None and len(taken.group_ids) < limit:
                    self._next_at = time.monotonic() + taken.next_in
                return taken
        return Taken(wakes().take(limit))

    async def _find(self, taken: Taken) -> dict[str, GroupPlaces]:
        try:
            return await places.find(taken.group_ids)
        except Unavailable:
            for group_id in taken.group_ids:
                await self._finish(group_id, taken.until, AWAY_PAUSE, {})
            raise

    async def _follow(self, group_id: str, known: GroupPlaces | None, until: str) -> None:
        again: float | None = None
        behind: dict[str, float | None] = dict.fromkeys(self._followers)
        if known and self._is_outdated(known):
            # Somebody has had a follower rebuilt.
            self._known_at, again, behind = float("-inf"), 0.0, {}
        elif known:
            again, behind = await self._run_slice(known)
        await self._finish(group_id, until, again, behind)

    async def _run_slice(self, known: GroupPlaces) -> tuple[float | None, dict[str, float | None]]:
        try:
            result = await Slice(known, dict(self._followers)).run()
        except Unavailable:
            self._say_away()
        except Exception:  # a bug, which must not end the group's following for good
            self._say_failed(known.group_id)
        else:
            return result.again, result.behind
        return AWAY_PAUSE, {}

    def _is_outdated(self, known: GroupPlaces) -> bool:
        mine = {name: there.generation for name, (_, there) in self._followers.items()}
        return any(place.generation > mine.get(name, place.generation) for name, place in known.by_name.items())

    async def _finish(self, group_id: str, until: str, again: float | None, behind: dict[str, float | None]) -> None:
        if not until:
            if again is not None:
                asyncio.get_running_loop().call_later(again, wakes().mark, group_id)
            return
        with suppress(redis.RedisError):  # it is taken again when the lease is over
            await wake_queue().finish(group_id, until, again, behind)
        # Sooner if it was woken meanwhile.
        self._next_at = min(self._next_at, time.monotonic() + min(REST, REST if again is None else again))

    async def _wait_for_groups(self) -> None:
        """Wait for the groups that are being followed, for a while, or until others are woken or due."""
        woken = asyncio.create_task(wakes().on_written.wait())
        end = time.monotonic() + _ROUND
        try:
            while self._following and not woken.done() and (left := min(end, self._next_at) - time.monotonic()) > 0:
                await asyncio.wait({*self._following, woken}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    async def _wait(self) -> None:
        """Wait until this process has woken groups or the next one is due, or for a while."""
        seconds = min(self._poll, max(0.0, self._next_at - time.monotonic()))
        with suppress(TimeoutError):
            await asyncio.wait_for(wakes().on_written.wait(), seconds)

    # --- all groups --------------------------------------------------------------------------------------------------
    async def _sweep(self) -> bool:
        """Sweep the next partition if it is time; return whether another is due at once."""
        if time.monotonic() < self._sweep_again_at:
            return False
        partition, more = await self._next_turn()
        if not more:
            self._sweep_again_at = time.monotonic() + self._poll
        if partition is not None:
            self._owed.append(partition)
        while self._owed:
            behind = await groups_behind(self._owed[-1], self._followers)
            self._owed.pop()
            for group_id in behind:
                wakes().mark(group_id)
            await wakes().write()
        return more

    async def _next_turn(self) -> tuple[int | None, bool]:
        interval = settings.FOLLOW_SWEEP / PARTITIONS
        if not wakes().is_away():
            with suppress(redis.RedisError):
                return await wake_queue().next_partition(interval)
        return self._turn_alone(interval), False

    def _turn_alone(self, interval: float) -> int | None:
        """Return this process's next partition while Redis is away: each process goes round by itself."""
        if time.monotonic() - self._swept_alone_at < interval:
            return None
        self._swept_alone_at, self._partition = time.monotonic(), (self._partition + 1) % PARTITIONS
        return self._partition

    async def _know_followers(self) -> None:
        if time.monotonic() - self._known_at < _REGISTRATIONS_AGE:
            return
        followers = registered()
        found = await registrations.load(followers)
        self._followers = {each.name: (each, found[each.name]) for each in followers if each.name in found}
        self._known_at = time.monotonic()

    def _say_away(self) -> None:
        if self._log_throttle.should_log():
            logger.warning("followers: the store does not answer; they go on when it does")

    def _say_failed(self, what: str) -> None:
        if self._log_throttle.should_log():
            logger.exception("followers: %s failed; it is tried again", what)


class Following:
    """The runner of a process, and its task."""

    def __init__(self) -> None:
        self.runner = Runner()
        self.task = asyncio.create_task(self.runner.run())

    async def close(self) -> None:
        await self.runner.stop()
        await cancel_and_wait(self.task)


# The running event loop's; the first call starts to follow.
following = PerLoop(Following)


async def close_following() -> None:
    """Stop to follow on the running loop, if it does."""
    if running := following.pop():
        await running.close()
