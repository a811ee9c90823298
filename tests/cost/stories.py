"""Counts what messages, connections and resumes cost, in a process of its own, and prints it as JSON.

The store is counted on its wire (DYNAMODB_URL is a store proxy that only counts), whatever speaks to it. Connections
are real ones on lines that lead nowhere.
"""

import asyncio
import json
import os
import sys
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
django.setup()

from groups import services as groups  # noqa: E402 - Django first
from messaging import services  # noqa: E402
from messaging.consumers import ChatApplication  # noqa: E402
from presence.broadcaster import close_presence, presence_broadcaster  # noqa: E402
from realtime.application import Handshake  # noqa: E402
from realtime.hub.connection import Connection  # noqa: E402
from realtime.hub.frame import Encoded  # noqa: E402
from realtime.hub.hub import close_hub, get_hub  # noqa: E402
from realtime.socketio.session import SocketIOEncoder  # noqa: E402
from tests.cast import Person, person  # noqa: E402
from users.revoked import revoked_sessions  # noqa: E402

MEMBERS = 50
RETURNING = 100
MISSED = 20


class CountingWire(SocketIOEncoder):
    """Counts how often an event is encoded."""

    def __init__(self) -> None:
        super().__init__("/")
        self.encoded: Counter[str] = Counter()

    def event(self, name: str, data: bytes) -> str:
        self.encoded[name] += 1
        return super().event(name, data)


class Nowhere:
    """A line that takes everything, and counts its packets."""

    backlog = 0

    def __init__(self) -> None:
        self.taken = 0

    def send(self, encoded: Encoded) -> None:
        self.taken += len(encoded.packets)

    def close(self, reason: str, *, code: int = 1000) -> None:
        raise AssertionError(f"closed with {code}: {reason}")


async def connect(who: Person, wire: CountingWire, since: dict[str, int] | None = None) -> Nowhere:
    channel, application = Nowhere(), ChatApplication()
    connection = Connection(encoder=wire, channel=channel)
    handshake = Handshake({"token": who.token, **({"since": since} if since else {})})
    await application.authenticate(connection, handshake)
    await application.enter(connection, handshake)
    return channel


# --- counting --------------------------------------------------------------------------------------------------------
def store_counts() -> Counter[str]:
    """Return how often the store was asked for what so far, by operation and table without its namespace."""
    with urllib.request.urlopen(f"{os.environ['DYNAMODB_URL']}/counts", timeout=10) as answer:
        counts: dict[str, int] = json.load(answer)
    return Counter({name.replace(f"{os.environ['NAMESPACE']}-", ""): count for name, count in counts.items()})


async def asked(work: Callable[[], Awaitable[Any]]) -> dict[str, int]:
    """Return what the store is asked for while `work` is done."""
    before = await asyncio.to_thread(store_counts)
    await work()
    return dict(await asyncio.to_thread(store_counts) - before)


async def calls_of(work: Callable[[], Awaitable[Any]]) -> int:
    """Return how many functions, Python's and C's, are called on the loop's thread while `work` is done."""
    count = 0

    def on_event(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(on_event)
    try:
        await work()
    finally:
        sys.setprofile(None)
    return count


# --- the stories -----------------------------------------------------------------------------------------------------
async def tell() -> dict[str, Any]:
    people = [await person(f"Member {number}") for number in range(MEMBERS)]
    group = await groups.create_group(actor=people[0].actor, name="Cost", member_ids=[who.id for who in people])
    wire = CountingWire()
    # Its first run is now: before anybody is here.
    presence_broadcaster()
    await asyncio.sleep(0)

    async def say(who: Person, text: str) -> None:
        await services.send_message(actor=who.actor, group_id=group.id, content=text, client_id=f"{who.id} {text}")

    async def all_say(text: str) -> None:
        await asyncio.gather(*(say(who, text) for who in people))

    found: dict[str, Any] = {"connect": await asked(lambda: connect(people[0], wire))}
    found["connect again"] = await asked(lambda: connect(people[0], wire))
    lines = [await connect(who, wire) for who in people[2:]]
    # From now on the appender knows its log's end and every member's role.
    await all_say("first")
    found["lone message"] = await asked(lambda: say(people[1], "alone"))
    found["batch"] = await asked(lambda: all_say("together"))
    wire.encoded.clear()
    taken = sum(line.taken for line in lines)
    found["calls a message"] = await calls_of(lambda: all_say("counted")) / MEMBERS
    found["encoded"] = wire.encoded["message"]
    found["frames a connection"] = (sum(line.taken for line in lines) - taken) / len(lines)
    found["unheard typing"] = await asked(lambda: stop_typing(people[0], group.id))
    found["resume"] = await resume(people, group.id, say)
    return found


async def stop_typing(who: Person, group_id: str) -> None:
    """Say again and again that one has stopped what nobody was told of."""
    for _ in range(5):
        await services.set_typing(actor=who.actor, group_id=group_id, typing=False)


async def resume(people: list[Person], group_id: str, say: Callable[[Person, str], Awaitable[None]]) -> dict[str, int]:
    """Let many come back at once with the same position, to a process that remembers nothing."""
    known = get_hub().position(group_id).seq
    for number in range(MISSED):
        await say(people[0], f"missed {number}")
    await close_presence()
    await close_hub()
    wire = CountingWire()

    async def all_return() -> None:
        returning = (people * RETURNING)[:RETURNING]
        lines = await asyncio.gather(*(connect(who, wire, {group_id: known}) for who in returning))
        assert min(line.taken for line in lines) >= MISSED

    return await asked(all_return)


async def main() -> None:
    try:
        print(json.dumps(await tell()))
    finally:
        await close_presence()
        await close_hub()
        if sessions := revoked_sessions.pop():
            await sessions.close()


if __name__ == "__main__":
    asyncio.run(main())
