"""The channel layer of a hub's link: how groups are named, and what a layer does for many groups at once."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import redis.asyncio as redis
from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers
from channels_redis.pubsub import RedisPubSubChannelLayer

from foundation.pools import count_pool

# What Channels allows as a group's name: these characters, and fewer than a hundred of them.
_VALID_GROUP = re.compile(r"[a-zA-Z0-9\-_.]{1,99}")

# Where a shard keeps its connection to publish on, with the client that it was taken from.
_PUBLISHER = "_publisher_of_link"

LayerMessage = dict[str, Any]


class Layer(Protocol):
    """What the link needs of a channel layer (https://channels.readthedocs.io/en/stable/channel_layer_spec.html)."""

    async def new_channel(self, prefix: str = ...) -> str: ...

    async def receive(self, channel: str) -> LayerMessage: ...

    async def group_add(self, group: str, channel: str) -> None: ...

    async def group_discard(self, group: str, channel: str) -> None: ...

    async def group_send(self, group: str, message: LayerMessage) -> None: ...


class PipelinedPubSubLayer(RedisPubSubChannelLayer):  # type: ignore[misc] # channels_redis has no types
    """The pub/sub layer of channels_redis, with commands for many groups in one round trip to Redis.

    A PUBLISH of its own takes 100 us of CPU, in a pipeline of redis-py 130 and one of ten 35; written to a connection
    that is kept, 58 and one of ten 20. It reaches into the layer of a loop and its shards, which are private:
    channels_redis is pinned, and tests/realtime/test_layer.py fails when they change.
    """

    async def group_send_many(self, messages: Mapping[str, LayerMessage]) -> None:
        """Do what `group_send` does for each group."""
        for shard, groups in self._by_shard(messages).items():
            async with shard._lock:
                shard._ensure_redis()
                commands = [("PUBLISH", name, self.serialize(messages[group])) for name, group in groups]
                connection = await _publisher(shard)
                try:
                    await _execute(connection, commands)
                except redis.ConnectionError:
                    # Redis closes what is idle for long. A change that is published twice is known by its seq.
                    await _execute(connection, commands)

    async def group_add_many(self, groups: Sequence[str], channel: str) -> None:
        """Do what `group_add` does for each group."""
        layer = self._get_layer()
        for shard, named in self._by_shard(groups).items():
            names = [name for name, _ in named]
            for name in names:
                layer.groups.setdefault(name, set()).add(channel)
            async with shard._lock:
                if new := [name for name in names if name not in shard._subscribed_to]:
                    shard._ensure_redis()
                    shard._ensure_receiver()
                    await shard._pubsub.subscribe(*new)
                    shard._subscribed_to.update(new)

    async def group_discard_many(self, groups: Sequence[str], channel: str) -> None:
        """Do what `group_discard` does for each group."""
        layer = self._get_layer()
        for shard, named in self._by_shard(groups).items():
            async with shard._lock:
                old = [name for name, _ in named if name in shard._subscribed_to and _discard(layer, name, channel)]
                if old:
                    shard._ensure_redis()
                    await shard._pubsub.unsubscribe(*old)
                    shard._subscribed_to.difference_update(old)

    def _by_shard(self, groups: Sequence[str] | Mapping[str, Any]) -> dict[Any, list[tuple[str, str]]]:
        """Return (name in Redis, group) of each group, by the shard that carries it."""
        layer, by_shard = self._get_layer(), defaultdict[Any, list[tuple[str, str]]](list)
        for group in groups:
            name = layer._get_group_channel_name(group)
            by_shard[layer._get_shard(name)].append((name, group))
        return by_shard


async def _publisher(shard: Any) -> Any:
    """Return a connection of the shard's Redis that is kept; to take one for each send costs as much as to send."""
    of, connection = getattr(shard, _PUBLISHER, (None, None))
    if of is not shard._redis:
        count_pool(shard._redis.connection_pool)
        connection = await shard._redis.connection_pool.get_connection()
        setattr(shard, _PUBLISHER, (shard._redis, connection))
    return connection


async def _execute(connection: Any, commands: list[tuple[Any, ...]]) -> None:
    """Send all, then read what Redis responds; after an error the next commands find it connected anew."""
    try:
        await connection.send_packed_command(connection.pack_commands(commands))
        for _ in commands:
            await connection.read_response()
    except BaseException:
        await connection.disconnect(nowait=True)
        raise


def _discard(layer: Any, name: str, channel: str) -> bool:
    """Remove the channel from a group, and return whether the group is empty."""
    channels = layer.groups.get(name, set())
    channels.discard(channel)
    if not channels:
        layer.groups.pop(name, None)
    return not channels


def make_layer() -> Layer:
    """Return a new instance of the layer that settings.CHANNEL_LAYERS names; its connections are its own."""
    layer: Layer = channel_layers.make_backend(DEFAULT_CHANNEL_LAYER)
    return layer


def group_name(topic: str) -> str:
    """Return the group of a topic: its own name where Channels allows that, else a digest of it."""
    name = topic.replace(":", ".", 1)
    if _VALID_GROUP.fullmatch(name):
        return name
    return f"hashed.{hashlib.sha256(topic.encode()).hexdigest()}"


async def add_groups(layer: Layer, groups: Sequence[str], channel: str) -> None:
    if isinstance(layer, PipelinedPubSubLayer):
        await layer.group_add_many(groups, channel)
    else:
        for group in groups:
            await layer.group_add(group, channel)


async def discard_groups(layer: Layer, groups: Sequence[str], channel: str) -> None:
    if isinstance(layer, PipelinedPubSubLayer):
        await layer.group_discard_many(groups, channel)
    else:
        for group in groups:
            await layer.group_discard(group, channel)


async def send_to_groups(layer: Layer, messages: Mapping[str, LayerMessage]) -> None:
    if isinstance(layer, PipelinedPubSubLayer):
        await layer.group_send_many(messages)
    else:
        for group, message in messages.items():
            await layer.group_send(group, message)


async def close_layer(layer: Layer) -> None:
    """Close the layer's connections. Only of the pub/sub layers is `flush` that; the others delete everybody's keys."""
    if isinstance(layer, RedisPubSubChannelLayer):
        await layer.flush()
    elif close := getattr(layer, "close_pools", None):
        await close()
