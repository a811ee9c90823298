"""Sends what is in the outbox, beside everything else: a few hundred pushes at a time, each within a time limit.

What this process has decided it sends at once, without taking it first. What push services did not take it sends when
it was put off to; what other processes left behind it finds by looking at the outbox from time to time.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence

from django.conf import settings

from foundation.counters import outbox as counts
from foundation.errors import Unavailable
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import cancel_and_wait

from . import outbox
from .delivering import deliver
from .mails import deliver_mail
from .outbox import Delivery
from .push.client import push_client

logger = logging.getLogger(__name__)

# What is sent at a time; what is more stays in the outbox.
_MAX_TASKS = 300
# How many people are mailed at a time, beside that; and how often their partitions are looked at, in seconds.
_MAX_MAILED, _POLL_OF_MAILS = 8, 60.0
# Seconds between two looks at least.
_MIN_PAUSE = 0.2
# How much of what this process has decided waits for its turn.
_MAX_WAITING = 5_000
# How much of a partition is taken at a time.
_MAX_TAKEN = 100
_CLOSE_TIMEOUT = 3.0


class Sender:
    """The pushes and mails that this process sends."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[Delivery] = deque()
        self._mailing: set[asyncio.Task[None]] = set()
        self._looking: list[asyncio.Task[None]] = []
        self._log_throttle = LogThrottle()

    def start(self) -> None:
        """Look at the outbox every NOTIFICATION_POLL seconds until `close`."""
        if not self._looking:
            self._looking = [
                asyncio.create_task(self._run(self._send_all_due, range(outbox.SHARDS), self._wait)),
                asyncio.create_task(self._run(self.mail_due, range(outbox.MAIL_SHARDS), self._wait_with_mails)),
            ]

    @property
    def is_running(self) -> bool:
        return bool(self._looking)

    def send(self, deliveries: Sequence[Delivery]) -> None:
        """Send what this process has taken; never waits and never fails. What is too much is found later."""
        self._waiting.extend(deliveries[: max(0, _MAX_WAITING - len(self._waiting))])
        self._begin()

    def _begin(self) -> None:
        """Begin to send as much as may be sent at a time; that of which half the lease is over is left to others."""
        while self._waiting and len(self._tasks) < _MAX_TASKS:
            delivery = self._waiting.popleft()
            if delivery.at < outbox.later(outbox.LEASE / 2):
                continue
            task = asyncio.create_task(self._try(deliver, delivery))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        self._count()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self.is_running:
            self._begin()
        self._count()

    def _count(self) -> None:
        counts.under_way = len(self._tasks) + len(self._waiting)

    async def _run(
        self, send_due: Callable[[int], Awaitable[object]], shards: Iterable[int], wait: Callable[[], Awaitable[None]]
    ) -> None:
        """Send what is due in each of the partitions, and wait before each look at all of them."""
        while True:
            await wait()
            for shard in shards:
                try:
                    await send_due(shard)
                except Exception as error:  # whatever it is, what is due must go out later
                    self._say_failed(error)

    @staticmethod
    async def _wait() -> None:
        """Wait for the time of something that this process has put off, or NOTIFICATION_POLL."""
        await outbox.alarm().wait(_MIN_PAUSE, settings.NOTIFICATION_POLL)

    @staticmethod
    async def _wait_with_mails() -> None:
        await asyncio.sleep(max(settings.NOTIFICATION_POLL, _POLL_OF_MAILS))

    async def _send_all_due(self, shard: int) -> None:
        while await self.send_due(shard) == _MAX_TAKEN:
            pass

    async def send_due(self, shard: int) -> int:
        """Take the pushes that are due in a partition, as many as there is space for, send them; return how many."""
        space = min(_MAX_TAKEN, _MAX_TASKS - len(self._tasks))
        found = await self._find_due(outbox.pushes_of(shard), space)
        for delivery in found:
            if taken := await outbox.take(delivery):
                self.send([taken])
        return len(found)

    @staticmethod
    async def _find_due(partition: str, limit: int) -> list[Delivery]:
        found = await outbox.list_due(partition, limit=limit) if limit > 0 else []
        if limit > 0:
            counts.waiting[partition] = (len(found), outbox.age(found[0]) if found else 0.0)
        return found

    async def mail_due(self, shard: int) -> None:
        """Mail those of whom a mail is due in a partition, as many as there is space for."""
        space = _MAX_MAILED - len(self._mailing)
        found = await self._find_due(outbox.mails_of(shard), _MAX_TAKEN if space > 0 else 0)
        # Of a person's mails one: it takes the others along, and keeps other processes from it by itself.
        firsts = {delivery.user_id: delivery for delivery in reversed(found)}
        for delivery in sorted(firsts.values(), key=lambda delivery: delivery.at)[: max(0, space)]:
            task = asyncio.create_task(self._try(deliver_mail, delivery))
            self._mailing.add(task)
            task.add_done_callback(self._mailing.discard)

    async def _try(self, deliver_: Callable[[Delivery], Awaitable[None]], delivery: Delivery) -> None:
        try:
            await deliver_(delivery)
        except Exception as error:  # it is in the outbox, and tried again when the lease is over
            self._say_failed(error)

    def _say_failed(self, error: Exception) -> None:
        if self._log_throttle.should_log():
            logger.warning("notifications could not be sent: %r", error, exc_info=not isinstance(error, Unavailable))

    async def wait(self) -> None:
        """Return when all that is being sent has been."""
        while under_way := self._tasks | self._mailing:
            await asyncio.wait(under_way)

    async def close(self) -> None:
        """Stop; what is being sent has a moment, and is sent by another process otherwise."""
        looking, self._looking = self._looking, []
        for task in looking:
            await cancel_and_wait(task)
        if under_way := self._tasks | self._mailing:
            await asyncio.wait(under_way, timeout=_CLOSE_TIMEOUT)
        for task in self._tasks | self._mailing:
            await cancel_and_wait(task)


sender = PerLoop(Sender)


def start_sending() -> None:
    """Send from now on in this process."""
    sender().start()


def lease_of_new() -> float:
    """Return for how many seconds what this process decides is not for others: only if it sends itself."""
    return outbox.LEASE if sender().is_running else 0.0


def send_soon(deliveries: Sequence[Delivery]) -> None:
    """Send what was put into the outbox with this process's lease; `manage.py follow` leaves it to servers."""
    if sender().is_running:
        sender().send(deliveries)


async def close_sending() -> None:
    """Close the running loop's sender and its connections, if there are any."""
    if known := sender.pop():
        await known.close()
    outbox.alarm.pop()
    if client := push_client.pop():
        await client.close()
