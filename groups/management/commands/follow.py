"""`manage.py follow`: follow the groups' logs in a process of its own, until it is ended (docs/running.md)."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand

from dynamodb import store
from foundation.tasks import cancel_and_wait
from groups.followers.runner import Runner
from groups.followers.wakes import close_wakes
from realtime.hub.commands import run
from users.updates import user_updates


class Command(BaseCommand):
    help = "Follow the groups' logs; with FOLLOW=0 the servers leave that to this process. Any number may run."

    def handle(self, *args: Any, **options: Any) -> None:
        run(follow())


async def follow() -> None:
    """Follow until SIGTERM or SIGINT; what is being handled comes to its end."""
    runner, loop = Runner(alone=True), asyncio.get_running_loop()
    running = asyncio.create_task(runner.run())
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await stop.wait()
        await runner.stop()
    finally:
        await cancel_and_wait(running)
        await user_updates().wait()
        await close_wakes()
        await store.close()
