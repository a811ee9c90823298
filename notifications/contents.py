"""What a push says: small, and nothing but what the person may read at that moment."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import orjson

from foundation import base64url
from foundation.ids import message_id
from groups.log.entry import Entry
from groups.models import DIRECT, Group
from messaging.text.mentions import split_mentions
from users import selectors as users

from .outbox import Delivery
from .push.client import Push
from .push.encryption import MAX_PAYLOAD

# Characters of a message, and of a name.
_MAX_EXCERPT, _MAX_NAME = 200, 80
# How long push services keep what they cannot deliver, in seconds: a browser that is closed gets it when it is opened.
_TTL, _CLOSE_TTL = 24 * 3600, 3600
_URGENT = ("named", "direct", "reminder")


async def message_push(delivery: Delivery, message: Entry, group: Group, cause: str | None) -> Push:
    """Return what tells somebody of a message."""
    names = await names_in([message])
    author = names.get(message.user_id, message.user_id)[:_MAX_NAME]
    title = author if group.kind == DIRECT else f"{author} in {group.name[:_MAX_NAME]}"
    payload = {
        "type": "message",
        "tag": tag_of(delivery),
        "seq": delivery.seq,
        "groupId": group.id,
        "messageId": message_id(group.id, delivery.seq),
        "title": title if delivery.reminder is None else f"Reminder: {title}",
        "body": excerpt(message, names),
        "url": address_of(group.id, delivery.seq),
    }
    return Push(_encoded(payload), topic_of(delivery), _TTL, is_urgent=cause in _URGENT)


def close_push(delivery: Delivery) -> Push:
    """Return what takes notifications of a group, or of a thread, off a screen, up to a seq."""
    payload = {"type": "close", "tag": tag_of(delivery), "seq": delivery.seq}
    return Push(_encoded(payload), _topic(f"close {tag_of(delivery)}"), _CLOSE_TTL)


def test_push() -> Push:
    """Return what somebody sends to themselves, to see whether it arrives."""
    payload = {
        "type": "test",
        "tag": "test",
        "title": "Notifications work",
        "body": "This is what a notification of this chat looks like.",
        "url": "/notifications",
    }
    return Push(_encoded(payload), _topic("test"), 60, is_urgent=True)


async def names_in(messages: Iterable[Entry]) -> dict[str, str]:
    """Return the names of those who have written messages, and of those whom their texts name, by id."""
    ids = {user_id for message in messages for user_id in (message.user_id, *_ids_in(message.content or ""))}
    return {user_id: user.name for user_id, user in (await users.get_users(user_ids=ids)).items()}


def excerpt(message: Entry, names: Mapping[str, str]) -> str:
    """Return the beginning of a message as text, with the names of people; of one that has none, what it has."""
    parts = split_mentions(message.content or "")
    words = [_name(part, names) if index % 2 else part for index, part in enumerate(parts)]
    text = " ".join("".join(words).split())
    if not text:
        return "A file" if message.attachments else "A message"
    return text if len(text) <= _MAX_EXCERPT else f"{text[:_MAX_EXCERPT]}…"


def _name(target: str, names: Mapping[str, str]) -> str:
    return f"@{names.get(target[1:], 'somebody') if target.startswith('@') else target[1:]}"


def _ids_in(content: str) -> set[str]:
    return {target[1:] for target in split_mentions(content)[1::2] if target.startswith("@")}


def address_of(group_id: str, seq: int) -> str:
    """Return the address of the page that shows a message, from the server's root."""
    return f"/groups/{quote(group_id, safe='')}/messages/{seq}"


def tag_of(delivery: Delivery) -> str:
    """Return what notifications of one conversation share: on a screen, the latest of them stands for all.

    Reminders of one message have a tag of their own.
    """
    if delivery.reminder is not None:
        return f"reminder.{delivery.group_id}.{delivery.seq}"
    return f"{delivery.group_id}.{delivery.parent_seq}" if delivery.parent_seq else delivery.group_id


def topic_of(delivery: Delivery) -> str:
    """Return the topic of one decision: sent twice, the second push replaces the first."""
    topic = f"{delivery.group_id}.{delivery.seq}"
    return _topic(topic if delivery.reminder is None else f"reminder.{topic}.{delivery.reminder}")


def _topic(text: str) -> str:
    return base64url.encode(hashlib.sha256(text.encode()).digest()[:24])


def _encoded(payload: dict[str, Any]) -> bytes:
    encoded = orjson.dumps(payload)
    if len(encoded) > MAX_PAYLOAD:
        # Letters of several bytes, and escapes.
        payload = {**payload, "body": payload.get("body", "")[:50], "title": payload.get("title", "")[:50]}
        encoded = orjson.dumps(payload)
    return encoded
