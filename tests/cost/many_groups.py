"""A user of a thousand groups: what their lists, pages and connections cost, in counts and bytes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import redis.asyncio as redis
from django.conf import settings
from django.test import AsyncClient

from dynamodb import store
from foundation.ids import new_id, now
from groups import memberships, models, selectors
from groups.log.entry import Entry
from groups.log.head_hints import head_hints
from groups.models import GROUP, OWNER, Group, Member
from groups.own_settings.services import change_own_settings
from groups.rows import GroupRow
from presence.broadcaster import close_presence, presence_broadcaster
from realtime.hub.connection import Connection
from realtime.hub.hub import close_hub
from tests.cast import Person, person
from users.updates import user_updates

GROUPS = 1000
Count = Callable[[Callable[[], Awaitable[Any]]], Awaitable[dict[str, int]]]
Connect = Callable[[Person], Awaitable[Connection]]


class HintCalls:
    """Counts the calls to Redis for the ends of logs."""

    def __init__(self) -> None:
        self.count = 0
        self._execute: Any = redis.Redis.execute_command

    def start(self) -> None:
        async def execute(client: Any, *arguments: Any, **options: Any) -> Any:
            self.count += arguments[0] in ("HMGET", "HSET")
            return await self._execute(client, *arguments, **options)

        # For the rest of this process.
        setattr(redis.Redis, "execute_command", execute)  # noqa: B010 - mypy takes the name for a fixed method


async def make_groups(owner: Person) -> list[str]:
    """Write the rows that creating so many groups, and sending some messages to each, would write."""
    ids = [new_id("group", 16) for _ in range(GROUPS)]
    rows, entries = list[GroupRow](), list[Entry]()
    for number, group_id in enumerate(ids):
        group = Group(group_id, f"A group with a usual name {number:04d}", GROUP, now(), owner.id, member_count=1)
        own = memberships.own_row(owner.id, group_id)
        own.attribute_values |= {"role": OWNER, "created_at": group.created_at}
        rows += [models.group_row(group), models.member_row(Member(group_id, owner.id, OWNER, group.created_at)), own]
        for seq in (1, 2):
            values = {"kind": "message", "user_id": owner.id, "created_at": now(), "nonce": new_id("n", 12)}
            entries.append(Entry(group_id, seq, message_count=seq, content="ahoy", version=1, **values))
        head_hints().note(group_id, 2)
    listed = memberships.ids_row(owner.id)
    listed.attribute_values["groups"] = set(ids)
    await store.call(listed.save)
    for batch in [rows[start : start + 500] for start in range(0, len(rows), 500)]:
        await store.call(_write, GroupRow, batch)
    for entry_batch in [entries[start : start + 500] for start in range(0, len(entries), 500)]:
        await store.call(_write, Entry, entry_batch)
    await head_hints().write()
    return ids


def _write(table: Any, rows: list[Any]) -> None:
    with table.batch_write() as batch:
        for row in rows:
            batch.save(row)


async def measure(count_requests: Count, connect: Connect) -> dict[str, Any]:
    owner = await person("Everywhere")
    ids = await make_groups(owner)
    (calls := HintCalls()).start()
    counts: dict[str, Any] = {}

    async def count(name: str, action: Callable[[], Awaitable[Any]]) -> None:
        before = calls.count
        counts[name] = await count_requests(action)
        counts[f"{name}: hints"] = calls.count - before

    await close_presence()
    await close_hub()
    presence_broadcaster()
    await asyncio.sleep(0)
    rooms: list[int] = []
    sizes: list[int] = []

    async def connect_once() -> None:
        connection = await connect(owner)
        rooms.append(len(connection.rooms))
        sizes.append(connection._channel.largest)  # type: ignore[attr-defined] # this test's own channel

    async def connect_first() -> None:
        await connect_once()
        # Who sees whose presence depends on the groups' sizes, which are looked up now.
        await presence_broadcaster().run_once()
        await presence_broadcaster().wait_for_sizes()

    await count("first connect", connect_first)
    await count("connect", connect_once)
    await count("mute", lambda: _mute_and_tell(owner, ids[0]))
    await count("list", lambda: selectors.list_groups(actor=owner.actor))
    page = await selectors.list_groups(actor=owner.actor)
    browser = _browser()
    browser.cookies[settings.SESSION_COOKIE] = owner.token
    await count("page", lambda: _get(browser, f"/groups/{ids[0]}"))
    counts["rooms"], counts["ready bytes"] = rooms, sizes
    counts["list bytes"] = len(orjson.dumps(page.as_wire()))
    return counts


async def _mute_and_tell(owner: Person, group_id: str) -> None:
    """Mute a group, and wait until the user's other devices were told, which happens in the background."""
    await change_own_settings(actor=owner.actor, group_id=group_id, muted=True)
    await user_updates().wait()


def _browser() -> AsyncClient:
    # The name by which Django's test client calls.
    settings.ALLOWED_HOSTS.append("testserver")
    return AsyncClient()


async def _get(browser: AsyncClient, path: str) -> None:
    response = await browser.get(path)
    assert response.status_code == 200, response.content
