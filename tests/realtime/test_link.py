"""The link between processes: what arrives, what happens while Redis is unreachable, and that it reconnects."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
import redis.asyncio as redis
from pytest_django import Settings

from bench.chaos.proxy import TcpProxy, proxy_to
from realtime import reconnecting_redis
from realtime.hub import link as link_module
from realtime.hub.link import Link, Message
from tests.dynamodb.endpoint import until

TIMEOUT = 20.0
TOPIC = "room:harbour"


@dataclass
class Process:
    """A link, and what it has received."""

    link: Link = field(init=False)
    received: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    reconnected: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.link = Link(self.received.put_nowait, self.reconnected.set)

    async def receive(self) -> Message:
        return await asyncio.wait_for(self.received.get(), TIMEOUT)


@asynccontextmanager
async def process() -> AsyncIterator[Process]:
    process = Process()
    try:
        yield process
    finally:
        await process.link.close()


@asynccontextmanager
async def subscriber(topic: str = TOPIC) -> AsyncIterator[Process]:
    async with process() as subscribed:
        await subscribed.link.wait_subscribed(topic)
        assert subscribed.link.is_ready(topic)
        yield subscribed


@pytest.fixture(autouse=True)
def _namespace(settings: Settings) -> None:
    settings.NAMESPACE = f"link-{uuid4().hex}"


@pytest.fixture
async def line(settings: Settings) -> AsyncIterator[TcpProxy]:
    """A proxy in front of Redis, for the links that are made after it."""
    async with proxy_to(settings.REDIS_URL) as line:
        settings.REDIS_URL = line.url
        yield line


# --- what arrives ----------------------------------------------------------------------------------------------------
async def test_a_message_reaches_the_other_subscribers_of_its_topic_and_not_its_sender() -> None:
    async with subscriber() as one, subscriber() as other, subscriber("room:elsewhere") as elsewhere:
        one.link.publish(TOPIC, {"n": 1, "data": b"\xff"})
        other.link.publish(TOPIC, {"n": 2})
        assert await other.receive() == {"n": 1, "data": b"\xff"}
        assert await one.receive() == {"n": 2}
        one.link.publish("room:elsewhere", {"n": 3})
        assert await elsewhere.receive() == {"n": 3}
        assert one.received.empty()
        assert other.received.empty()


async def test_messages_of_one_process_arrive_in_order() -> None:
    async with subscriber() as one, process() as other:
        for number in range(1000):
            other.link.publish(TOPIC, {"n": number})
        assert [(await one.receive())["n"] for _ in range(1000)] == list(range(1000))


async def test_a_message_arrives_although_the_link_was_opened_just_before_and_is_closed_just_after() -> None:
    async with subscriber() as listening:
        async with process() as brief:
            brief.link.publish(TOPIC, {"n": 1})
        assert await listening.receive() == {"n": 1}


async def test_nothing_arrives_of_a_topic_between_unsubscribing_and_subscribing_again() -> None:
    async with subscriber() as one, subscriber("room:done") as other:
        for _ in range(3):
            one.link.unsubscribe(TOPIC)
            assert not one.link.is_ready(TOPIC)
            one.link.subscribe(TOPIC)
        assert not one.link.is_ready(TOPIC)
        await one.link.wait_subscribed(TOPIC)
        other.link.publish(TOPIC, {"n": 1})
        assert await one.receive() == {"n": 1}
        one.link.unsubscribe(TOPIC)
        await one.link.wait_subscribed("room:done")
        other.link.publish(TOPIC, {"n": 2})
        other.link.publish("room:done", {"n": 3})
        assert await one.receive() == {"n": 3}


async def test_a_malformed_message_is_logged_and_skipped(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async with subscriber() as listening, process() as other, redis.Redis.from_url(settings.REDIS_URL) as stranger:
        for payload in (b"", b"short", b"\xc1" * 100, bytes(8) + b"\x01\x02"):
            await stranger.publish(f"{settings.NAMESPACE}:hub:{TOPIC}", payload)
        other.link.publish(TOPIC, {"n": 1})
        assert await listening.receive() == {"n": 1}
    assert "could not handle a message" in caplog.text


# --- Redis is unreachable --------------------------------------------------------------------------------------------
async def test_nothing_waits_for_an_unreachable_redis_and_the_link_connects_when_it_is_back(line: TcpProxy) -> None:
    line.cut()
    async with process() as one:
        await asyncio.wait_for(one.link.wait_subscribed(TOPIC), TIMEOUT)
        await until(lambda: one.link.is_ready("room:another"))
        one.link.publish(TOPIC, {"n": "lost"})
        line.restore()
        await asyncio.wait_for(one.reconnected.wait(), TIMEOUT)
        async with process() as other:
            other.link.publish(TOPIC, {"n": 1})
            assert await one.receive() == {"n": 1}


async def test_a_lost_connection_is_replaced_and_subscribed_to_all_topics(line: TcpProxy) -> None:
    async with subscriber() as one, subscriber("room:third") as other:
        await one.link.wait_subscribed("room:second")
        assert not one.reconnected.is_set()
        line.cut()
        line.restore()
        await asyncio.wait_for(one.reconnected.wait(), TIMEOUT)
        await asyncio.wait_for(other.reconnected.wait(), TIMEOUT)
        for number, topic in enumerate((TOPIC, "room:second")):
            other.link.publish(topic, {"n": number})
            assert await one.receive() == {"n": number}


async def test_a_connection_on_which_redis_does_not_respond_is_replaced(
    line: TcpProxy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reconnecting_redis, "_PING_INTERVAL", 0.1)
    async with subscriber() as one:
        line.stall()
        await until(lambda: "broke off" in caplog.text)
        line.restore()
        await asyncio.wait_for(one.reconnected.wait(), TIMEOUT)


async def test_messages_that_redis_does_not_read_are_dropped_past_a_limit(
    line: TcpProxy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link_module, "MAX_BACKLOG_BYTES", 1)
    async with subscriber() as one:
        line.stall()
        for _ in range(20):
            one.link.publish(TOPIC, {"data": bytes(1_000_000)})
        assert "could not publish" in caplog.text
