"""The link between processes on every channel layer: what arrives, and what happens while the layer is away."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

import msgpack
import pytest
import redis.asyncio as redis
from pytest_django import Settings

from bench.chaos.proxy import TcpProxy, proxy_to
from realtime.hub import link as link_module
from realtime.hub.batches import MESSAGES, Message
from realtime.hub.layer import Layer, add_groups, group_name, make_layer
from realtime.hub.link import Link
from tests.dynamodb.endpoint import until
from tests.layers import CORE, PIPELINED, PUBSUB, on_redis

TIMEOUT = 20.0
TOPIC = "room:harbour"


@dataclass
class Process:
    """A link, and what it has received."""

    link: Link = field(init=False)
    received: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    missed: asyncio.Queue[set[str]] = field(default_factory=asyncio.Queue)
    returned: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.link = Link(self.received.put_nowait, on_missed=self.missed.put_nowait, on_return=self.returned.set)

    async def receive(self) -> Message:
        """Return the next message that is no marker (`subscribe`)."""
        while True:
            message = await asyncio.wait_for(self.received.get(), TIMEOUT)
            if "marker" not in message:
                return message

    async def wait_until_returned(self) -> None:
        await asyncio.wait_for(self.returned.wait(), TIMEOUT)

    async def wait_for_missed(self) -> set[str]:
        """Return the topics to which something could not be published."""
        return await asyncio.wait_for(self.missed.get(), TIMEOUT)


@asynccontextmanager
async def process() -> AsyncIterator[Process]:
    process = Process()
    try:
        yield process
    finally:
        await process.link.close()


@asynccontextmanager
async def subscriber(topic: str = TOPIC) -> AsyncIterator[Process]:
    """A process that receives what is published to the topic from now on."""
    async with process() as subscribed:
        await subscribe(subscribed, topic)
        yield subscribed


def rest(process: Process) -> list[Message]:
    """Return what has arrived and was not looked at, without markers."""
    messages = [process.received.get_nowait() for _ in range(process.received.qsize())]
    return [message for message in messages if "marker" not in message]


async def subscribe(process: Process, topic: str) -> None:
    """Subscribe, and wait until Redis has confirmed it, which the layer does not: until a message comes."""
    await process.link.wait_subscribed(topic)
    assert process.link.is_ready(topic)
    layer, marker = make_layer(), {"marker": uuid4().hex}
    async with asyncio.timeout(TIMEOUT):
        while True:
            batch = {"type": MESSAGES, "origin": b"marker", "body": msgpack.packb(marker)}
            await layer.group_send(group_name(topic), batch)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    while await process.received.get() != marker:
                        pass
                    return


@pytest.fixture(autouse=True)
def _fast_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "BEAT_INTERVAL", 0.2)
    monkeypatch.setattr(link_module, "AWAY_BEAT_INTERVAL", 0.1)


@pytest.fixture(autouse=True, params=[PIPELINED, PUBSUB, CORE])
def layer(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.NAMESPACE = f"link-{uuid4().hex}"
    settings.CHANNEL_LAYERS = on_redis(request.param, settings.REDIS_URL)
    backend: str = request.param
    return backend


@pytest.fixture
async def proxy(layer: str, settings: Settings) -> AsyncIterator[TcpProxy]:
    """A proxy in front of Redis, for the links that are made after it."""
    async with proxy_to(settings.REDIS_URL) as proxy:
        settings.CHANNEL_LAYERS = on_redis(layer, proxy.url)
        yield proxy


# --- what arrives ----------------------------------------------------------------------------------------------------
async def test_a_message_reaches_the_other_subscribers_of_its_topic_and_not_its_sender() -> None:
    async with subscriber() as one, subscriber() as other, subscriber("room:elsewhere") as elsewhere:
        one.link.publish(TOPIC, {"n": 1, "data": b"\xff"})
        other.link.publish(TOPIC, {"n": 2})
        assert await other.receive() == {"n": 1, "data": b"\xff"}
        assert await one.receive() == {"n": 2}
        one.link.publish("room:elsewhere", {"n": 3})
        assert await elsewhere.receive() == {"n": 3}
        assert not rest(one)
        assert not rest(other)


async def test_messages_of_one_process_arrive_in_order() -> None:
    async with subscriber() as one, process() as other:
        for number in range(1000):
            other.link.publish(TOPIC, {"n": number})
            if number % 100 == 0:
                await asyncio.sleep(0)
        assert [(await one.receive())["n"] for _ in range(1000)] == list(range(1000))


async def test_a_topic_whose_name_channels_would_refuse_works_too() -> None:
    topic = f"user:{'ö' * 200}:x"
    async with subscriber(topic) as one, process() as other:
        other.link.publish(topic, {"n": 1})
        assert await one.receive() == {"n": 1}


async def test_a_message_arrives_although_the_link_was_opened_just_before_and_is_closed_just_after() -> None:
    async with subscriber() as listening:
        async with process() as brief:
            brief.link.publish(TOPIC, {"n": 1})
        assert await listening.receive() == {"n": 1}


async def test_nothing_arrives_of_a_topic_that_is_unsubscribed_until_it_is_subscribed_again() -> None:
    async with subscriber() as one, subscriber("room:done") as other:
        await subscribe(one, "room:done")
        for _ in range(3):
            one.link.unsubscribe(TOPIC)
            assert not one.link.is_ready(TOPIC)
            one.link.subscribe(TOPIC)
        await subscribe(one, TOPIC)
        other.link.publish(TOPIC, {"n": 1})
        assert await one.receive() == {"n": 1}
        one.link.unsubscribe(TOPIC)
        one.link.subscribe("room:after")
        # Groups are joined and left in the order of the calls.
        await one.link.wait_subscribed("room:after")
        await subscribe(one, "room:done")
        other.link.publish(TOPIC, {"n": 2})
        other.link.publish("room:done", {"n": 3})
        assert await one.receive() == {"n": 3}


@pytest.mark.parametrize("body", [b"", b"\xc1" * 100, b"\x01\x02", "text", None])
async def test_a_malformed_message_is_skipped(body: bytes | str | None) -> None:
    async with subscriber() as listening, process() as other:
        stranger = {"type": MESSAGES, "origin": b"stranger", "body": body}
        await make_layer().group_send(group_name(TOPIC), stranger)
        await make_layer().group_send(group_name(TOPIC), {"type": "other"})
        other.link.publish(TOPIC, {"n": 1})
        received = await listening.receive()
        while received != {"n": 1}:
            received = await listening.receive()


# --- the layer is away -----------------------------------------------------------------------------------------------
async def test_nothing_waits_for_an_unreachable_redis_and_the_link_returns_with_it(proxy: TcpProxy) -> None:
    proxy.cut()
    async with process() as one:
        await asyncio.wait_for(one.link.wait_subscribed(TOPIC), TIMEOUT)
        await until(lambda: one.link.is_ready("room:another"))
        one.link.publish(TOPIC, {"n": "lost"})
        proxy.restore()
        assert await one.wait_for_missed() == {TOPIC}
        await one.wait_until_returned()
        await subscribe(one, TOPIC)
        async with process() as other:
            other.link.publish(TOPIC, {"n": 1})
            assert await one.receive() == {"n": 1}


async def test_all_topics_are_subscribed_to_again_after_lost_connections(proxy: TcpProxy) -> None:
    async with subscriber() as one, subscriber("room:third") as other:
        await subscribe(one, "room:second")
        proxy.cut()
        await until(lambda: one.link.is_ready("room:none") and other.link.is_ready("room:none"))
        proxy.restore()
        await one.wait_until_returned()
        await other.wait_until_returned()
        for topic in (TOPIC, "room:second"):
            await subscribe(one, topic)
            other.link.publish(topic, {"to": topic})
            assert await one.receive() == {"to": topic}


@pytest.mark.parametrize("stall", [TcpProxy.stall, TcpProxy.stall_replies])
async def test_a_redis_that_does_not_respond_is_noticed_and_nothing_waits_for_it(
    proxy: TcpProxy, stall: Callable[[TcpProxy], None]
) -> None:
    async with subscriber() as one:
        stall(proxy)
        await until(lambda: one.link.is_ready("room:none"))
        one.link.publish(TOPIC, {"n": 1})
        proxy.restore()
        assert await one.wait_for_missed() == {TOPIC}
        await one.wait_until_returned()


async def test_a_layer_that_can_only_send_is_replaced(proxy: TcpProxy, caplog: pytest.LogCaptureFixture) -> None:
    async with subscriber() as one, subscriber("room:other") as other:
        # Connections that are open stay dead, so that only a new instance of the layer can receive.
        proxy.stall_open_connections()
        await until(lambda: one.link.is_ready("room:none"))
        await one.wait_until_returned()
        await other.wait_until_returned()
        await subscribe(one, TOPIC)
        other.link.publish(TOPIC, {"n": 1})
        assert await one.receive() == {"n": 1}
        proxy.restore()


async def test_a_redis_that_was_wiped_gets_all_memberships_again(settings: Settings, layer: str) -> None:
    if layer != CORE:
        pytest.skip("this layer keeps no keys")
    async with subscriber() as one, process() as other, redis.Redis.from_url(settings.REDIS_URL) as store:
        async for key in store.scan_iter(f"{settings.NAMESPACE}*"):
            await store.delete(key)
        await one.wait_until_returned()
        await subscribe(one, TOPIC)
        other.link.publish(TOPIC, {"n": 1})
        assert await one.receive() == {"n": 1}


async def test_messages_past_the_limit_are_dropped_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "MAX_BACKLOG_BYTES", 100)
    async with subscriber() as one, process() as other:
        other.link.publish(TOPIC, {"data": bytes(200)})
        assert await other.wait_for_missed() == {TOPIC}
        assert not rest(one)


async def test_memberships_are_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "RENEWAL_INTERVAL", 0.01)
    added: list[str] = []

    async def spy(layer: Layer, groups: Sequence[str], channel: str) -> None:
        added.extend(groups)
        await add_groups(layer, groups, channel)

    monkeypatch.setattr(link_module, "add_groups", spy)
    async with subscriber():
        await until(lambda: added.count(group_name(TOPIC)) > 3)
