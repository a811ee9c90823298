"""The pipelined channel layer does what channels_redis does, and what it reaches into is still there."""

import inspect
from uuid import uuid4

import pytest
import redis.asyncio as redis
from channels.layers import BaseChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from pytest_django import Settings

from realtime.hub.layer import PipelinedPubSubLayer, _publisher, group_name


@pytest.fixture
def layers(settings: Settings) -> tuple[PipelinedPubSubLayer, RedisPubSubChannelLayer]:
    options = {"hosts": [settings.REDIS_URL], "prefix": f"layer-{uuid4().hex}"}
    return PipelinedPubSubLayer(**options), RedisPubSubChannelLayer(**options)


async def test_each_speaks_to_the_other(layers: tuple[PipelinedPubSubLayer, RedisPubSubChannelLayer]) -> None:
    ours, theirs = layers
    our_channel, their_channel = await ours.new_channel(), await theirs.new_channel()
    await ours.group_add_many(["one", "two"], our_channel)
    await theirs.group_add("two", their_channel)
    while True:
        # Until Redis has confirmed the subscriptions.
        await ours.group_send_many({"one": {"type": "test", "n": 1}, "two": {"type": "test", "n": 2}})
        await theirs.group_send("two", {"type": "test", "n": 3})
        received = [await ours.receive(our_channel) for _ in range(3)]
        if [message["n"] for message in received] == [1, 2, 3]:
            break
    assert (await theirs.receive(their_channel))["n"] in (2, 3)
    await ours.group_discard_many(["one", "unknown"], our_channel)
    await ours.group_send_many({"one": {"type": "test", "n": 4}, "two": {"type": "test", "n": 5}})
    assert (await ours.receive(our_channel))["n"] == 5
    await ours.flush()
    await theirs.flush()


async def test_a_connection_that_redis_has_closed_costs_nothing(
    layers: tuple[PipelinedPubSubLayer, RedisPubSubChannelLayer], settings: Settings
) -> None:
    layer, _ = layers
    await layer.group_send_many({"one": {"type": "test"}})
    (shard,) = layer._get_layer()._shards
    connection = await _publisher(shard)
    await connection.send_command("CLIENT", "ID")
    async with redis.Redis.from_url(settings.REDIS_URL) as client:
        await client.client_kill_filter(_id=str(await connection.read_response()))
        async with client.pubsub() as subscription:
            await subscription.subscribe(name := layer._get_layer()._get_group_channel_name("one"))
            assert (await anext(subscription.listen()))["type"] == "subscribe"
            await layer.group_send_many({"one": {"type": "test"}})
            assert (await anext(subscription.listen()))["channel"] == name.encode()
    await layer.flush()


def test_what_is_private_in_channels_redis_is_as_it_was() -> None:
    shard = RedisSingleShardConnection({"address": "redis://127.0.0.1:1"}, None)
    assert {"_lock", "_redis", "_pubsub", "_subscribed_to", "_receive_task"} <= set(vars(shard))
    for method in ("_ensure_redis", "_ensure_receiver"):
        assert inspect.isfunction(getattr(RedisSingleShardConnection, method))
    assert list(inspect.signature(RedisPubSubLoopLayer._get_shard).parameters) == ["self", "channel_or_group_name"]
    assert list(inspect.signature(RedisPubSubLoopLayer._get_group_channel_name).parameters) == ["self", "group"]
    assert inspect.isfunction(RedisPubSubChannelLayer._get_layer)


@pytest.mark.parametrize(
    ("topic", "is_own_name"),
    [
        ("room:group_a-Z9", True),
        ("user:user_1", True),
        ("user:a:b", False),
        ("room:ö", False),
        ("room:" + "x" * 95, False),
    ],
)
def test_a_group_has_the_name_of_its_topic_where_channels_allows_it(topic: str, is_own_name: bool) -> None:
    name = group_name(topic)
    assert (name == topic.replace(":", ".")) == is_own_name
    assert BaseChannelLayer().require_valid_group_name(name)
