"""Does what is due, in this process: asks for it, takes entries by lease, oldest first, some at a time.

A look shows what is due, and what will be until the next one: so the process wakes at the right moment. It also wakes
for what it has written itself meanwhile, so others' entries alone are late, if they were planned for a moment before
anybody looked: by the seconds between two looks at most.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.conf import settings

from foundation.alarm import Alarm
from foundation.counters import due as counts
from foundation.errors import RateLimited, Unavailable
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import cancel_and_wait, gather_or_cancel

from . import coming, rows
from .handlers import find_handler
from .rows import SHARDS, Placed

logger = logging.getLogger(__name__)

# How many entries are handled at a time, how many of a partition are read at once, and how often at most in a round:
# the first ones may all be others', or of kinds that only a later version handles.
CONCURRENCY, _LOOK, _MAX_LOOKS = 16, 100, 20
# Seconds between two looks while nothing is due, and after one that failed; and that a round waits for its entries: a
# slow one goes on beside the next rounds.
LOOK_EVERY, _AFTER_FAILURE, _ROUND = 5.0, 1.0, 1.0
# How far a look sees, beyond the next one; seconds between two looks at least; and by which processes that know of the
# same entry are apart, so that one of them takes it before the others try.
_MARGIN, _MIN_PAUSE, _APART = 2.0, 0.2, 0.2
# Seconds after which an entry that this process writes is there.
_WRITTEN = 0.5
# In a server, what is due must not slow down those who wait for an answer.
_REST_SHARE, _MAX_REST = 2.0, 1.0
# Taken so often, an entry is set aside: after three quarters of an hour, if each try fails.
MAX_TRIES = 10
# Giving up may kill the process, too: it is begun so often.
_GIVE_UPS = 3
_FIRST_DELAY, _MAX_DELAY, _AWAY_PAUSE = 5.0, 3600.0, 5.0
# Of the time that a lease lasts, an entry may be handled for so much.
_SHARE_OF_LEASE = 0.8
# An entry of a kind that nobody handles is set aside when it has waited for so long.
_UNKNOWN_SECONDS = 3600
_CLOSE_TIMEOUT = 3.0
# Seconds by which the clock may go differently from the time that passes, until that is said.
_JUMP = 30.0
_AHEAD = round((LOOK_EVERY + _MARGIN) * 1000)
# How many of those set aside are counted, and how often, in seconds.
_COUNTED_ASIDE, _COUNT_EVERY = 100, 30.0


class Worker:
    """Works until it is closed. `clock` returns seconds since 1970."""

    def __init__(self, *, clock: Callable[[], float] = time.time, lease: float | None = None) -> None:
        self._clock = clock
        self._lease = settings.DUE_LEASE if lease is None else lease
        self._handling: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._log_throttle = LogThrottle()
        self._ahead = clock() - time.monotonic()
        self._count_again_at = 0.0
        self._alarm = Alarm(clock)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()

        def hear(place: int) -> None:
            with suppress(RuntimeError):  # the loop has ended
                # Not before it is written.
                loop.call_soon_threadsafe(self._alarm.expect, max(place / 1000, self._clock() + _WRITTEN))

        coming.listen(hear)
        try:
            await self._run()
        finally:
            coming.stop_listening(hear)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            before, more, pause = time.process_time(), False, _AFTER_FAILURE
            try:
                more = await self.run_round()
                pause = LOOK_EVERY
            except Unavailable:
                self._say("the store does not answer; they are done when it does")
            except Exception:  # a bug; whoever does what is due must not stop for good
                self._say_failed("a round")
            rest = min(_MAX_REST, _REST_SHARE * (time.process_time() - before))
            await self._alarm.wait(max(rest, _MIN_PAUSE), rest if more else max(rest, pause))

    async def run_round(self) -> bool:
        """Handle the oldest entries that are due, as many as there is space for; return whether there are more."""
        self._look_at_clock()
        free = CONCURRENCY - len(self._handling)
        waiting = await self._find_due()
        if self._stopping.is_set():
            return False  # whoever stops this waits for what was begun before
        for placed in waiting[:free]:
            task = asyncio.create_task(self._do(placed))
            self._handling[placed.item] = task
            task.add_done_callback(partial(self._forget, placed.item))
        if self._handling:
            await asyncio.wait(self._handling.values(), timeout=_ROUND)
        await self._count_aside()
        return len(waiting) > free

    async def stop(self) -> None:
        """Let what is being handled come to its end, for a moment; the leases of the rest run out."""
        self._stopping.set()
        self._alarm.end()
        tasks = list(self._handling.values())
        if tasks:
            await asyncio.wait(tasks, timeout=_CLOSE_TIMEOUT)
        for task in tasks:
            await cancel_and_wait(task)

    # --- what is due -------------------------------------------------------------------------------------------------
    async def _find_due(self) -> list[Placed]:
        """Return what nobody has taken, the oldest first."""
        now = self._now()
        self._alarm.forget()
        found = await gather_or_cancel(self._find_free(shard, now) for shard in range(SHARDS))
        free = [placed for shard in found for placed in shard]
        free.sort(key=lambda placed: placed.place)
        counts.waiting = len(free)
        counts.late = (now - free[0].place) / 1000 if free else 0.0
        return free

    async def _find_free(self, shard: int, now: int) -> list[Placed]:
        """Return the oldest of a partition that nobody has taken: as many as are handled at a time, if there are."""
        free: list[Placed] = []
        behind = None
        for _ in range(_MAX_LOOKS):
            found = await rows.find_due(shard, now + _AHEAD, limit=_LOOK, behind=behind)
            is_due = [placed for placed in found if placed.place <= now]
            free += [placed for placed in is_due if self._is_free(placed, now)]
            self._expect_all(found, now)
            if len(found) < _LOOK or len(is_due) < len(found) or len(free) >= CONCURRENCY:
                break
            behind = found[-1]
        return free

    def _expect_all(self, found: list[Placed], now: int) -> None:
        """Note the first moment at which one of these is due, or free again if whoever has taken it has died."""
        moments = [moment for placed in found if (moment := max(placed.place, placed.lease_until)) > now]
        if moments:
            self._alarm.expect(min(moments) / 1000 + random.uniform(0, _APART))  # noqa: S311

    def _is_free(self, placed: Placed, now: int) -> bool:
        # A lease that lasts longer than any was given by a clock that went wrong.
        if now < placed.lease_until <= now + 2 * self._lease * 1000 or placed.item in self._handling:
            return False
        # A process of a later version may know the kind.
        return find_handler(placed.entry.kind) is not None or placed.place + _UNKNOWN_SECONDS * 1000 < now

    async def _do(self, placed: Placed) -> None:
        try:
            now = self._now()
            taken = await rows.take(placed, now=now, until=now + round(self._lease * 1000))
            if taken:
                await self._handle(taken)
        except Unavailable:
            self._say("the store does not answer; they are done when it does")
        except Exception:  # a bug: the lease runs out, and it is tried again
            self._say_failed(placed.item)

    def _forget(self, item: str, _: asyncio.Task[None]) -> None:
        del self._handling[item]

    async def _handle(self, taken: Placed) -> None:
        handler = find_handler(taken.entry.kind)
        if handler is None or taken.tries > MAX_TRIES:
            await self._set_aside(taken, taken.error or ("nobody handles it" if handler is None else "it never ended"))
            return
        try:
            async with asyncio.timeout(self._lease * _SHARE_OF_LEASE):
                await handler.handle(taken.entry)
        except (Unavailable, RateLimited) as error:
            delay = max(error.retry_after or 0.0, _AWAY_PAUSE if isinstance(error, Unavailable) else 0.0)
            await rows.postpone(taken, self._after(delay), tries=taken.tries - 1, error=taken.error)
        except Exception as error:
            await self._fail(taken, error)
        else:
            await rows.remove(taken)
            counts.done += 1

    async def _fail(self, taken: Placed, error: Exception) -> None:
        counts.failed += 1
        self._say_failed(taken.item)
        if taken.tries >= MAX_TRIES:
            await self._set_aside(taken, repr(error))
            return
        delay = min(_MAX_DELAY, _FIRST_DELAY * 2 ** (taken.tries - 1))
        place = self._after(delay * random.uniform(0.75, 1.25))  # noqa: S311
        await rows.postpone(taken, place, tries=taken.tries, error=repr(error))

    async def _set_aside(self, taken: Placed, why: str) -> None:
        try:
            await self._give_up(taken)
        except Unavailable:
            await rows.postpone(taken, self._after(_AWAY_PAUSE), tries=taken.tries - 1, error=why)
            return
        logger.error("due: %s is set aside: %s (manage.py due)", taken.item, why)
        await rows.set_aside(taken, why)
        counts.set_aside += 1

    async def _give_up(self, taken: Placed) -> None:
        """Have the handler say that it was not done; raises `Unavailable`."""
        handler = find_handler(taken.entry.kind)
        if handler is None or taken.tries > MAX_TRIES + _GIVE_UPS:
            return
        try:
            async with asyncio.timeout(self._lease * _SHARE_OF_LEASE):
                await handler.give_up(taken.entry)
        except Unavailable:
            raise
        except Exception:  # a bug, maybe the one for which it is set aside
            self._say_failed(taken.item)

    # --- time, and what is said --------------------------------------------------------------------------------------
    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _after(self, seconds: float) -> int:
        return self._now() + max(1, round(seconds * 1000))

    def _look_at_clock(self) -> None:
        """Say that the clock was set, or that the machine has slept: what is due is so by the clock as it is now."""
        ahead = self._clock() - time.monotonic()
        if abs(ahead - self._ahead) > _JUMP:
            logger.warning("due: the clock has jumped by %d s", ahead - self._ahead)
        self._ahead = ahead

    async def _count_aside(self) -> None:
        if time.monotonic() >= self._count_again_at:
            self._count_again_at = time.monotonic() + _COUNT_EVERY
            counts.set_aside = len(await rows.list_aside(_COUNTED_ASIDE))

    def _say(self, what: str) -> None:
        if self._log_throttle.should_log():
            logger.warning("due: %s", what)

    def _say_failed(self, what: str) -> None:
        if self._log_throttle.should_log():
            logger.exception("due: %s failed; it is tried again", what)


class Working:
    """The worker of a process, and its task."""

    def __init__(self) -> None:
        self.worker = Worker()
        self.task = asyncio.create_task(self.worker.run())

    async def close(self) -> None:
        await self.worker.stop()
        await cancel_and_wait(self.task)


# The running event loop's; the first call begins to work.
working = PerLoop(Working)


async def close_working() -> None:
    """Stop to work on the running loop, if it does."""
    if running := working.pop():
        await running.close()
