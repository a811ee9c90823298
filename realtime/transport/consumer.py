"""The base of all consumers here: a Channels consumer without a channel of its own."""

from typing import Any

from channels.consumer import AsyncConsumer, get_handler_name


class LayerlessConsumer(AsyncConsumer):  # type: ignore[misc] # channels has no types
    """Handles the server's messages by the method of their type, as every Channels consumer does.

    Of a channel layer it needs nothing: the hub subscribes once for all connections of the process.
    """

    channel_layer_alias = None

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch hops to a thread before every message to close SQL connections; there are none.
        await getattr(self, get_handler_name(message))(message)
