"""One process of a run: `python -m bench.followers.process begin|write|serve|follow|delete|verify`."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
django.setup()

from dynamodb import store  # noqa: E402 - Django first
from files import storage  # noqa: E402
from groups.followers import registrations  # noqa: E402
from groups.followers.follower import register, registered  # noqa: E402
from groups.followers.runner import close_following, following  # noqa: E402
from groups.followers.wakes import close_wakes  # noqa: E402
from groups.log.head_hints import close_head_hints  # noqa: E402
from groups.management.commands.follow import follow  # noqa: E402
from groups.read_marks import close_read_marks  # noqa: E402
from realtime.hub.hub import close_hub  # noqa: E402

from . import writing  # noqa: E402
from .ledgers import FussyLedger, Ledger  # noqa: E402
from .plan import Plan  # noqa: E402
from .verifying import verify  # noqa: E402


async def serve(plan: Plan) -> None:
    """Write and follow, as a server does."""
    following()
    await writing.write(plan)


async def print_verdict(plan: Plan) -> None:
    print(orjson.dumps((await verify(plan)).as_json()).decode())


async def follow_alone(plan: Plan) -> None:
    await follow()


async def begin(plan: Plan) -> None:
    """Let the followers be there before anything is written."""
    await registrations.load(registered())


TASKS: dict[str, Callable[[Plan], Awaitable[None]]] = {
    "begin": begin,
    "write": writing.write,
    "serve": serve,
    "follow": follow_alone,
    "delete": writing.delete,
    "verify": print_verdict,
}


async def main(task: str) -> None:
    register(Ledger())
    register(FussyLedger())
    try:
        await TASKS[task](Plan.from_environment())
    finally:
        await close_following()
        await close_hub()
        await close_read_marks()
        await close_head_hints()
        await close_wakes()
        await storage.close()
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
