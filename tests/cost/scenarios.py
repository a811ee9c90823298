"""Counts what messages, connections and resumes cost, in a process of its own, and prints the counts as JSON.

A proxy (DYNAMODB_URL) counts requests, whoever sends them. Connections are real; their channel discards all."""

import asyncio
import json
import os
import sys
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - Django first

from groups import selectors  # noqa: E402
from groups import services as groups  # noqa: E402
from groups.followers.runner import Runner  # noqa: E402
from groups.followers.wake_queue import wake_queue  # noqa: E402
from groups.followers.wakes import close_wakes, wakes  # noqa: E402
from groups.log.head_hints import close_head_hints  # noqa: E402
from groups.read_marks import close_read_marks, read_marks  # noqa: E402
from messaging import services  # noqa: E402
from messaging.consumers import ChatConsumer  # noqa: E402
from messaging.drafts.services import write_draft  # noqa: E402
from messaging.inbox import selectors as inbox  # noqa: E402
from messaging.selectors import list_messages, read_page  # noqa: E402
from presence.broadcaster import close_presence, presence_broadcaster  # noqa: E402
from realtime.application import Handshake  # noqa: E402
from realtime.hub.connection import Connection  # noqa: E402
from realtime.hub.hub import close_hub, get_hub  # noqa: E402
from tests.cast import Person, person  # noqa: E402
from tests.cost import many_groups  # noqa: E402
from tests.cost.discarding import CountingEncoder, DiscardingChannel  # noqa: E402
from tests.messaging.following import handle, name, say  # noqa: E402
from users import answers, profiles, statuses  # noqa: E402
from users import selectors as users  # noqa: E402
from users.actor import Actor  # noqa: E402
from users.revoked import revoked_sessions  # noqa: E402
from users.updates import user_updates  # noqa: E402
from users.user import CustomStatus  # noqa: E402

MEMBERS = 50
RESUMED = 100
MISSED = 20


async def connect(user: Person, encoder: CountingEncoder, since: dict[str, int] | None = None) -> DiscardingChannel:
    channel = DiscardingChannel()
    await open_connection(user, Connection(encoder=encoder, channel=channel), since)
    return channel


async def open_connection(user: Person, connection: Connection, since: dict[str, int] | None = None) -> Connection:
    consumer = ChatConsumer()
    consumer.open(connection, lambda: None)
    await consumer.connect(Handshake({"token": user.token, **({"since": since} if since else {})}))
    return connection


async def connect_alone(user: Person) -> Connection:
    return await open_connection(user, Connection(encoder=CountingEncoder(), channel=DiscardingChannel()))


# --- counting --------------------------------------------------------------------------------------------------------
def store_counts() -> Counter[str]:
    """Return the number of requests so far, by operation and table, without the table's namespace."""
    with urllib.request.urlopen(f"{os.environ['DYNAMODB_URL']}/counts", timeout=10) as response:
        counts: dict[str, int] = json.load(response)
    return Counter({name.replace(f"{os.environ['NAMESPACE']}-", ""): count for name, count in counts.items()})


async def requests_of(action: Callable[[], Awaitable[Any]]) -> dict[str, int]:
    """Return the requests to the store that the action makes."""
    before = await asyncio.to_thread(store_counts)
    await action()
    return dict(await asyncio.to_thread(store_counts) - before)


async def calls_of(action: Callable[[], Awaitable[Any]]) -> int:
    """Return how many functions, of Python and of C, the action calls on the loop's thread."""
    count = 0

    def on_event(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(on_event)
    try:
        await action()
    finally:
        sys.setprofile(None)
    return count


# --- the scenarios ---------------------------------------------------------------------------------------------------
async def measure() -> dict[str, Any]:
    people = [await person(f"Member {number}") for number in range(MEMBERS)]
    group = await groups.create_group(actor=people[0].actor, name="Cost", member_ids=[user.id for user in people])
    encoder = CountingEncoder()
    # Its first exchange runs when it is created: before anybody is connected.
    presence_broadcaster()
    await asyncio.sleep(0)

    async def send(user: Person, text: str) -> None:
        await services.send_message(actor=user.actor, group_id=group.id, content=text, client_id=f"{user.id} {text}")

    async def send_from_all(text: str) -> None:
        await asyncio.gather(*(send(user, text) for user in people))

    counts: dict[str, Any] = {"connect": await requests_of(lambda: connect(people[0], encoder))}
    counts["connect again"] = await requests_of(lambda: connect(people[0], encoder))
    channels = [await connect(user, encoder) for user in people[2:]]
    # From now on the appender has its log's head and every member's role in memory.
    await send_from_all("first")
    counts["lone message"] = await requests_of(lambda: send(people[1], "alone"))
    counts["batch"] = await requests_of(lambda: send_from_all("together"))
    encoder.encoded.clear()
    packets = sum(channel.packets for channel in channels)
    counts["calls a message"] = await calls_of(lambda: send_from_all("counted")) / MEMBERS
    counts["encoded"] = encoder.encoded["message"]
    counts["frames a connection"] = (sum(channel.packets for channel in channels) - packets) / len(channels)
    assert not any(channel.closed for channel in channels), [channel.closed for channel in channels]
    counts["unpublished typing"] = await requests_of(lambda: stop_typing(people[0], group.id))
    counts["search"] = await requests_of(lambda: users.find_among_all(query="Member", limit=20))
    counts |= await people_and_profiles(people[0].actor)
    await read_marks().write_all()
    counts |= await reads(people[2].actor, group.id)
    counts["answer once"] = await requests_of(lambda: answer_once(people[0]))
    counts["answer again"] = await requests_of(lambda: answer_once(people[0]))
    counts |= await creations()
    counts |= await following(group.id, send_from_all)
    counts["inbox count"] = await inbox_count()
    counts["resume"] = await resume(people, group.id, send)
    counts["many groups"] = await many_groups.measure(requests_of, connect_alone)
    return counts


async def people_and_profiles(actor: Actor) -> dict[str, Any]:
    # The writes alone: what is told to the user's own connections is written in the background.
    user_id = f"user_{uuid4().hex}"
    return {
        "list people": await requests_of(lambda: users.find_among_all(limit=20)),
        "new user": await requests_of(lambda: profiles.create_if_absent(user_id, name="New here")),
        "rename": await requests_of(lambda: profiles.change(actor.user_id, name="Member the First")),
        "set title": await requests_of(lambda: profiles.change(actor.user_id, own={"title": "First"})),
        "set status": await requests_of(lambda: statuses.set_status(actor.user_id, CustomStatus("🌴", None))),
    }


async def _write_and_tell(actor: Actor, group_id: str, content: str) -> None:
    """Write a draft, and wait until the user's other devices were told, in the background."""
    await write_draft(actor=actor, group_id=group_id, content=content)
    await user_updates().wait()


async def reads(reader: Actor, group_id: str) -> dict[str, Any]:
    return {
        "read a group": await requests_of(lambda: selectors.get_group_detail(actor=reader, group_id=group_id)),
        "read a page": await requests_of(lambda: list_messages(actor=reader, group_id=group_id)),
        "read around": await requests_of(lambda: read_page(actor=reader, group_id=group_id, around="unread")),
        "write a draft": await requests_of(lambda: _write_and_tell(reader, group_id, "x")),
        "write it again": await requests_of(lambda: _write_and_tell(reader, group_id, "xy")),
        "list groups": await requests_of(lambda: selectors.list_groups(actor=reader)),
    }


async def inbox_count() -> dict[str, int]:
    """Count what is unread of three mentions, and of replies in three threads, as each page of the web chat does."""
    alice, bob = await person("Alice"), await person("Bob")
    group_id = (await groups.create_group(actor=alice.actor, name="Inbox", member_ids=[bob.id])).id
    for _ in range(3):
        root = await say(bob, group_id, "root")
        await say(alice, group_id, "reply", to=root)
        await say(alice, group_id, name(bob))
    await handle(group_id)
    await read_marks().write_all()
    return await requests_of(lambda: inbox.count_unread(actor=bob.actor))


async def following(group_id: str, send: Callable[[str], Awaitable[None]]) -> dict[str, Any]:
    """Let the group be followed: when each member has written for the first time, and again, and with nothing new."""
    runner = Runner(alone=True)
    runner.stop_sweeping()

    async def follow() -> None:
        wakes().mark(group_id)
        await wakes().write()
        await runner.run_round()
        await runner.settle()

    async def follow_alone() -> dict[str, int]:
        await wakes().write()
        # A group rests after it was followed, and other groups are no part of this.
        await wake_queue().clear()
        await close_read_marks()
        return await requests_of(follow)

    await follow_alone()
    await send("followed")
    first = await follow_alone()
    await send("followed again")
    return {"follow first": first, "follow": await follow_alone(), "follow again": await follow_alone()}


async def creations() -> dict[str, Any]:
    # Nobody of them is connected: joining the room would count too.
    others = [await person(f"Other {number}") for number in range(30)]
    return {name: await requests_of(lambda: create_group(others)) for name in ("create group", "create group again")}


async def create_group(people: list[Person]) -> None:
    """Create a group of many under a clientId, or the same one again."""
    others = [user.id for user in people[1:]]
    await groups.create_group(actor=people[0].actor, name="New", member_ids=others, client_id="new")


async def answer_once(user: Person) -> None:
    """Carry out a request with an Idempotency-Key, or the same one again."""
    if await answers.begin(user_id=user.id, key="key", digest="digest") is None:
        await answers.finish(user_id=user.id, key="key", answer="done")


async def stop_typing(user: Person, group_id: str) -> None:
    """Stop typing five times, without a start before."""
    for _ in range(5):
        await services.set_typing(actor=user.actor, group_id=group_id, typing=False)


async def resume(people: list[Person], group_id: str, send: Callable[[Person, str], Awaitable[None]]) -> dict[str, int]:
    """Let many clients resume at once from the same seq, in a process with an empty memory."""
    seq = get_hub().position(group_id).seq
    for number in range(MISSED):
        await send(people[0], f"missed {number}")
    await read_marks().write_all()
    await close_presence()
    await close_hub()
    encoder = CountingEncoder()

    async def resume_all() -> None:
        users = (people * RESUMED)[:RESUMED]
        channels = await asyncio.gather(*(connect(user, encoder, {group_id: seq}) for user in users))
        assert not any(channel.closed for channel in channels), [channel.closed for channel in channels]
        assert min(channel.packets for channel in channels) >= MISSED

    return await requests_of(resume_all)


async def main() -> None:
    try:
        print(json.dumps(await measure()))
    finally:
        await close_presence()
        await close_hub()
        await close_read_marks()
        await close_head_hints()
        await close_wakes()
        if sessions := revoked_sessions.pop():
            await sessions.close()


if __name__ == "__main__":
    call_command("create_tables", stdout=sys.stderr)
    asyncio.run(main())
