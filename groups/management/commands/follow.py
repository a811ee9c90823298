"""`manage.py follow`: follow the logs, and do what is due, in a process of its own (docs/running.md)."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand

from dynamodb import store
from foundation.tasks import cancel_and_wait
from groups.followers.runner import Runner
from groups.followers.wakes import close_wakes
from realtime.hub.commands import run
from users.due.worker import Worker
from users.updates import user_updates


class Command(BaseCommand):
    help = (
        "Follow the groups' logs, and do what is due at a time; with FOLLOW=0 the servers leave that to this process. "
        "Any number may run."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        run(follow())


async def follow() -> None:
    """Follow until SIGTERM or SIGINT; what is being handled comes to its end."""
    runner, worker, loop = Runner(alone=True), Worker(), asyncio.get_running_loop()
    running, working = asyncio.create_task(runner.run()), asyncio.create_task(worker.run())
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await stop.wait()
        await runner.stop()
        await worker.stop()
    finally:
        await cancel_and_wait(running)
        await cancel_and_wait(working)
        await user_updates().wait()
        await close_wakes()
        await store.close()
