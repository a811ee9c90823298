"""One process of a run: `python -m bench.later.process plan|work|verify`, with what it needs in LATER_PLAN, as JSON."""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django first

from dynamodb import store  # noqa: E402
from foundation.errors import Gone, NotFound  # noqa: E402
from groups.followers.wakes import close_wakes  # noqa: E402
from groups.log import queries  # noqa: E402
from groups.log.head_hints import close_head_hints  # noqa: E402
from groups.management.commands.follow import follow  # noqa: E402
from groups.read_marks import close_read_marks  # noqa: E402
from messaging.inbox.rows import REMINDER, list_items  # noqa: E402
from messaging.later import rows  # noqa: E402
from messaging.later.planning import cancel_scheduled, change_scheduled, schedule_message  # noqa: E402
from messaging.later.reminding import remind  # noqa: E402
from messaging.services import send_message  # noqa: E402
from realtime.hub.hub import close_hub  # noqa: E402
from users.actor import Actor  # noqa: E402
from users.due import rows as due  # noqa: E402
from users.updates import user_updates  # noqa: E402

Plan = Mapping[str, Any]
# Of so many messages one is cancelled, and one moved, about when it is due.
_CANCELLED, _MOVED = 10, 7
_TOGETHER = 8


async def plan(plan: Plan) -> None:
    """Plan the messages and reminders, cancel and move some while others are done, and print what is to be there."""
    chance = random.Random(plan["seed"])
    groups, begin = plan["groups"], datetime.now(UTC)
    expected: dict[str, int] = {}
    limit = asyncio.Semaphore(_TOGETHER)

    async def one(number: int) -> None:
        group = groups[number % len(groups)]
        actor = _actor(group["members"][number % len(group["members"])])
        at = begin + timedelta(seconds=chance.uniform(5, plan["seconds"]))
        async with limit:
            at = max(at, _soon())
            made = await schedule_message(actor=actor, group_id=group["id"], content=f"plan {number}", at=at)
        expected[f"plan {number}"] = 1
        scheduled_id = made["scheduled"]["id"]
        if number % _CANCELLED == 0 and await _changed(at, cancel_scheduled(actor=actor, scheduled_id=scheduled_id)):
            expected[f"plan {number}"] = 0
        elif number % _MOVED == 0:
            later = at + timedelta(seconds=15)
            await _changed(at, change_scheduled(actor=actor, scheduled_id=scheduled_id, at=later))

    async def reminder(number: int) -> None:
        group = groups[number % len(groups)]
        actor = _actor(group["members"][0])
        async with limit:
            sent = await send_message(actor=actor, group_id=group["id"], content=f"remember {number}")
            at = begin + timedelta(seconds=chance.uniform(5, plan["seconds"]))
            await remind(actor=actor, message_id=sent["message"]["id"], at=max(at, _soon()))

    await asyncio.gather(*map(one, range(plan["count"])), *map(reminder, range(plan["reminders"])))
    print(orjson.dumps(expected).decode())


def _soon() -> datetime:
    """Return a time that has not passed when it is checked, on a machine that has other things to do."""
    return datetime.now(UTC) + timedelta(seconds=3)


async def _changed(at: datetime, change: Awaitable[Any]) -> bool:
    """Change a plan about when it is due; return whether it was in time."""
    await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
    try:
        await change
    except (Gone, NotFound):
        return False
    return True


def _actor(user_id: str) -> Actor:
    return Actor(user_id, user_id, "session", 2**40)


async def verify(plan: Plan) -> None:
    """Print how often each message is there, what is still planned, and how many reminders have arrived."""
    found: Counter[str] = Counter()
    people = {user_id for group in plan["groups"] for user_id in group["members"]}
    for group in plan["groups"]:
        head = await queries.last_entry(group["id"])
        for start in range(1, int(head.seq) + 1 if head else 1, 100):
            entries = await queries.get_entries((group["id"], seq) for seq in range(start, start + 100))
            found.update(entry.content for entry in entries.values() if entry.content)
    plans = [each for user in people for what in (rows.SCHEDULED, rows.REMINDER) for each in await _plans(user, what)]
    items = [item for user in people for item in await list_items(user) if item.kind == REMINDER]
    waiting = [await due.find_due(shard, 9_999_999_999_999, limit=1_000) for shard in range(due.SHARDS)]
    verdict = {"found": found, "planned": [plan.state for plan in plans], "reminders": len(items)}
    print(orjson.dumps({**verdict, "due": sum(map(len, waiting)), "aside": len(await due.list_aside(100))}).decode())


async def _plans(user_id: str, what: str) -> list[rows.Plan]:
    return await rows.list_plans(user_id, what)


async def work(plan: Plan) -> None:
    await follow()


TASKS: dict[str, Callable[[Plan], Awaitable[None]]] = {"plan": plan, "work": work, "verify": verify}


async def main(task: str) -> None:
    settings.MAX_SCHEDULED = settings.MAX_REMINDERS = 100_000
    try:
        await TASKS[task](orjson.loads(os.environ["LATER_PLAN"]))
    finally:
        await user_updates().wait()
        await close_hub()
        await close_read_marks()
        await close_head_hints()
        await close_wakes()
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
