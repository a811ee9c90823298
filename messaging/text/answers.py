"""Adds HTML to what the doors return: `html` beside `content` of each message in an event or an answer."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from foundation.limits import bucket
from groups.access import require_member
from messaging.events import MessageEdited, MessageSent, ThreadChanged
from realtime.hub.event_batch import Encoder, NotReady
from users.actor import Actor

from .html import message_texts

# Where an answer or an event has messages.
_ONE, _MANY = ("message", "root", "lastReply"), ("messages", "versions", "threads", "items")
_WITH_MESSAGES = frozenset((MessageSent.name, MessageEdited.name, ThreadChanged.name))
# What rendering a long text costs of the budget `history`, in KB: ten milliseconds of a core.
_SLOW_KB = 150.0


async def with_html(answer: dict[str, Any], *, actor: Actor) -> dict[str, Any]:
    """Return an answer whose messages have `html`; it may be one message. Rendering long texts counts as reading."""
    messages = list(_messages_in(answer))
    # The message of an acknowledgement mostly was rendered a moment ago, for its event.
    if len(messages) == 1 and (found := message_texts().find(messages[0])) is not None:
        messages[0]["html"] = found
        return answer
    texts, slow = await message_texts().html_of(messages)
    bucket.charge("history", actor.user_id, slow * _SLOW_KB)
    for message, html in zip(messages, texts, strict=True):
        message["html"] = html
    return answer


async def preview(*, actor: Actor, group_id: str, content: str) -> str:
    """Return the HTML that a text would have as a message to a group. Rendering a long text counts as reading.

    Raises `NotFound` unless the actor is a member, `RateLimited`.
    """
    bucket.draw("draft", actor.user_id)
    bucket.require("history", actor.user_id)
    await require_member(actor=actor, group_id=group_id)
    html, slow = await message_texts().html_of_text(content)
    bucket.charge("history", actor.user_id, slow * _SLOW_KB)
    return html


class HtmlEncoder:
    """Encodes events for clients that have asked for HTML (`realtime.hub.event_batch.Encoder`)."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def event(self, name: str, data: bytes) -> str:
        return self._encoder.event(name, self._with_html(data) if name in _WITH_MESSAGES else data)

    def _with_html(self, data: bytes) -> bytes:
        wire = orjson.loads(data)
        messages = [message for message in _messages_in(wire) if "html" not in message]
        texts = message_texts()
        for message in messages:
            html = texts.find(message)
            if html is None:
                raise NotReady(texts.begin([message, *messages]))
            message["html"] = html
        return orjson.dumps(wire)


_encoders: dict[Encoder, HtmlEncoder] = {}


def html_encoder(encoder: Encoder) -> HtmlEncoder:
    """Return the one encoder that adds HTML to what another encodes."""
    if isinstance(encoder, HtmlEncoder):
        return encoder
    return _encoders.setdefault(encoder, HtmlEncoder(encoder))


def _messages_in(wire: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Find the messages that are not deleted in an answer or the data of an event, or the message that it is."""
    if "content" in wire and not wire.get("deleted"):
        yield wire
    for name in _ONE:
        if name in wire:
            yield from _messages_in(wire[name])
    for name in _MANY:
        for message in wire.get(name, ()):
            yield from _messages_in(message)
    for change in wire.get("changes", ()):
        if _has_messages(change):
            yield from _messages_in(change["data"])


def _has_messages(change: Mapping[str, Any]) -> bool:
    return change["event"] in _WITH_MESSAGES
