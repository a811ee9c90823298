"""Messages of hubs to each other, and the batches in which a channel layer carries them."""

from typing import Any

import msgpack

from .layer import LayerMessage

Message = dict[str, Any]
# The types of messages on the layer.
MESSAGES, BEAT = "hub.messages", "hub.beat"


def batch_of(packed: list[bytes], origin: bytes) -> LayerMessage:
    """Return a batch of messages, each packed as MessagePack; `origin` names the process that sends it."""
    return {"type": MESSAGES, "origin": origin, "body": b"".join(packed)}


def unpack(message: LayerMessage) -> list[Message]:
    """Return the messages of a batch; raises an exception if it is malformed."""
    unpacker = msgpack.Unpacker()
    unpacker.feed(message["body"])
    messages = list(unpacker)
    if not all(isinstance(message, dict) for message in messages):
        raise ValueError("a batch contains what is no message")
    return messages
