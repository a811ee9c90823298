"""Channel layers for tests, as settings.CHANNEL_LAYERS takes them."""

from typing import Any

from django.conf import settings

PUBSUB, CORE = "channels_redis.pubsub.RedisPubSubChannelLayer", "channels_redis.core.RedisChannelLayer"
PIPELINED = "realtime.hub.layer.PipelinedPubSubLayer"
# A layer without an engine: its process is the only one.
IN_MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


def on_redis(backend: str, url: str) -> dict[str, Any]:
    """Return a layer of channels_redis at this Redis, apart from others by settings.NAMESPACE."""
    # channels_redis.core waits for messages in blocking commands, as long as redis-py waits for a response by default.
    host = {"address": url, "socket_timeout": None}
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [host], "prefix": f"{settings.NAMESPACE}-hub"}}}
