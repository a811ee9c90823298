"""The link between processes: what it hears, what it does while Redis is away, and that it comes back by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
import redis.asyncio as redis
from pytest_django import Settings

from bench.chaos.proxy import TcpProxy, proxy_to
from realtime import reconnecting_redis as kept_wire
from realtime.hub import link as link_module
from realtime.hub.link import Link, Message
from tests.dynamodb.endpoint import until

PATIENCE = 20.0
TOPIC = "room:harbour"


@dataclass
class Process:
    """A link, and what it has heard."""

    link: Link = field(init=False)
    heard: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    returned: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.link = Link(self.heard.put_nowait, self.returned.set)

    async def hears(self) -> Message:
        return await asyncio.wait_for(self.heard.get(), PATIENCE)


@asynccontextmanager
async def process() -> AsyncIterator[Process]:
    process = Process()
    try:
        yield process
    finally:
        await process.link.close()


@asynccontextmanager
async def listener(topic: str = TOPIC) -> AsyncIterator[Process]:
    async with process() as listening:
        await listening.link.subscribed(topic)
        assert listening.link.hears(topic)
        yield listening


@pytest.fixture(autouse=True)
def _topics_of_its_own(settings: Settings) -> None:
    settings.NAMESPACE = f"link-{uuid4().hex}"


@pytest.fixture
async def line(settings: Settings) -> AsyncIterator[TcpProxy]:
    """Redis by a line, for the links that are made after it."""
    async with proxy_to(settings.REDIS_URL) as line:
        settings.REDIS_URL = line.url
        yield line


# --- what it hears ---------------------------------------------------------------------------------------------------
async def test_a_post_reaches_the_others_on_its_topic_and_not_the_one_who_posts() -> None:
    async with listener() as one, listener() as other, listener("room:elsewhere") as elsewhere:
        one.link.publish(TOPIC, {"n": 1, "data": b"\xff"})
        other.link.publish(TOPIC, {"n": 2})
        assert await other.hears() == {"n": 1, "data": b"\xff"}
        assert await one.hears() == {"n": 2}
        one.link.publish("room:elsewhere", {"n": 3})
        assert await elsewhere.hears() == {"n": 3}
        assert one.heard.empty()
        assert other.heard.empty()


async def test_posts_of_one_process_come_in_their_order() -> None:
    async with listener() as one, process() as other:
        for number in range(1000):
            other.link.publish(TOPIC, {"n": number})
        assert [(await one.hears())["n"] for _ in range(1000)] == list(range(1000))


async def test_what_is_posted_before_the_connection_stands_and_just_before_the_end_arrives() -> None:
    async with listener() as listening:
        async with process() as brief:
            brief.link.publish(TOPIC, {"n": 1})
        assert await listening.hears() == {"n": 1}


async def test_a_topic_that_is_given_up_is_not_heard_until_it_is_wanted_again() -> None:
    async with listener() as one, listener("room:done") as other:
        for _ in range(3):
            one.link.unsubscribe(TOPIC)
            assert not one.link.hears(TOPIC)
            one.link.subscribe(TOPIC)
        assert not one.link.hears(TOPIC)
        await one.link.subscribed(TOPIC)
        other.link.publish(TOPIC, {"n": 1})
        assert await one.hears() == {"n": 1}
        one.link.unsubscribe(TOPIC)
        await one.link.subscribed("room:done")
        other.link.publish(TOPIC, {"n": 2})
        other.link.publish("room:done", {"n": 3})
        assert await one.hears() == {"n": 3}


async def test_what_cannot_be_understood_ends_nothing(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async with listener() as listening, process() as other, redis.Redis.from_url(settings.REDIS_URL) as stranger:
        for payload in (b"", b"short", b"\xc1" * 100, bytes(8) + b"\x01\x02"):
            await stranger.publish(f"{settings.NAMESPACE}:hub:{TOPIC}", payload)
        other.link.publish(TOPIC, {"n": 1})
        assert await listening.hears() == {"n": 1}
    assert "could not take a message" in caplog.text


# --- Redis is away ---------------------------------------------------------------------------------------------------
async def test_without_redis_nobody_waits_for_it_and_it_is_found_when_it_comes(line: TcpProxy) -> None:
    line.cut()
    async with process() as one:
        await asyncio.wait_for(one.link.subscribed(TOPIC), PATIENCE)
        await until(lambda: one.link.hears("room:another"))
        one.link.publish(TOPIC, {"n": "lost"})
        line.restore()
        await asyncio.wait_for(one.returned.wait(), PATIENCE)
        async with process() as other:
            other.link.publish(TOPIC, {"n": 1})
            assert await one.hears() == {"n": 1}


async def test_a_connection_that_breaks_is_made_anew_with_all_topics(line: TcpProxy) -> None:
    async with listener() as one, listener("room:third") as other:
        await one.link.subscribed("room:second")
        assert not one.returned.is_set()
        line.cut()
        line.restore()
        await asyncio.wait_for(one.returned.wait(), PATIENCE)
        await asyncio.wait_for(other.returned.wait(), PATIENCE)
        for number, topic in enumerate((TOPIC, "room:second")):
            other.link.publish(topic, {"n": number})
            assert await one.hears() == {"n": number}


async def test_a_redis_that_hangs_is_given_up(
    line: TcpProxy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kept_wire, "_BEAT_SECONDS", 0.1)
    async with listener() as one:
        line.stall()
        await until(lambda: "broke off" in caplog.text)
        line.restore()
        await asyncio.wait_for(one.returned.wait(), PATIENCE)


async def test_what_a_hanging_redis_does_not_take_is_bounded(
    line: TcpProxy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link_module, "MAX_BACKLOG_BYTES", 1)
    async with listener() as one:
        line.stall()
        for _ in range(20):
            one.link.publish(TOPIC, {"data": bytes(1_000_000)})
        assert "could not publish" in caplog.text
