"""Quoting a message, and forwarding it to another group."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from foundation.errors import Gone, IdempotencyConflict, Invalid
from foundation.limits import bucket
from messaging.links import link_to
from messaging.selectors import get_message
from messaging.services import send_message
from messaging.text.mentions import split_mentions
from messaging.text.rendering import MAX_SHOWN
from users.actor import Actor
from workspace.teams import selectors as teams

from .composing import MAX_QUOTE, compose


async def quote_message(*, actor: Actor, message_id: str) -> dict[str, Any]:
    """Return {"content": Markdown that quotes a message with its author and its link, to write below}.

    Raises `NotFound` unless the actor is a member and the message exists, `Gone` when it is deleted, `RateLimited`.
    """
    bucket.draw("thread_sync", actor.user_id)
    message = await _require_message(actor, message_id)
    return {"content": await _quote(message, settings.MAX_CONTENT_LENGTH - 2) + "\n\n"}


async def forward_message(
    *,
    actor: Actor,
    message_id: str,
    group_id: str,
    content: str = "",
    client_id: str | None = None,
    after: int | None = None,
) -> dict[str, Any]:
    """Send a message to another group, as a quote, with what the actor says to it (`content`) below.

    Returns what `send_message` returns.

    It is text: files are named and not copied, and members of the first group alone can open the link. Sent again under
    the same `client_id` it is stored once, even if the message was edited meanwhile. Raises what `send_message` raises,
    `NotFound` unless the actor is a member of both groups, `Gone` when the message is deleted, and `Invalid` when
    `content` leaves no room for it.
    """
    # Before anything is read for it; `send_message` takes the token.
    bucket.require("message", actor.user_id)
    message = await _require_message(actor, message_id)
    # Below the quote, which leaves nothing open: a comment may.
    comment = f"\n\n{content}" if content.strip() else ""
    quote = await _quote(message, settings.MAX_CONTENT_LENGTH - len(comment))
    if not quote:
        raise Invalid("Some fields are not valid.", fields={"content": ["It leaves no room for the message."]})
    try:
        return await send_message(
            actor=actor, group_id=group_id, content=quote + comment, client_id=client_id, after=after
        )
    except IdempotencyConflict as conflict:
        if conflict.earlier and _is_forward(conflict.earlier["content"], comment, _link_of(message)):
            return {"message": dict(conflict.earlier), "duplicate": True}
        raise


async def send_also_to_group(
    *, actor: Actor, reply: Mapping[str, Any], client_id: str | None = None, after: int | None = None
) -> dict[str, Any]:
    """Send what a reply says to its group too, as a quote that leads into the thread; return what `send_message` does.

    `client_id` and `after` are those that the reply was sent with: under a name made of it, it is stored once too. The
    web chat's script does the same by two requests. Raises what `forward_message` raises; the reply stays in any case.
    """
    own = hashlib.sha256(f"also to the group: {client_id}".encode()).hexdigest()[:32] if client_id else None
    return await forward_message(
        actor=actor, message_id=reply["id"], group_id=reply["groupId"], client_id=own, after=after
    )


def _is_forward(text: str, comment: str, link: str) -> bool:
    """Return whether a text is this comment on the message at `link`, whatever that said at the time."""
    # Each line of a quote has its mark: none is empty.
    quote, blank, said = text.partition("\n\n")
    head = re.compile(r"\[.*\]\(" + re.escape(link) + r"\):(?:\n|$)")
    return blank + said == comment and head.match(quote) is not None


async def _require_message(actor: Actor, message_id: str) -> dict[str, Any]:
    message = await get_message(actor=actor, message_id=message_id)
    if message.get("deleted"):
        raise Gone("The message has been deleted.")
    return message


def _link_of(message: Mapping[str, Any]) -> str:
    return link_to(message["groupId"], message["seq"])


def _named_in(source: str) -> list[str]:
    """Return whose names are looked up for a quote: no more than a message shows, of the text that may fit."""
    targets = split_mentions(source[: 2 * MAX_QUOTE])[1::2]
    return list(dict.fromkeys(target[1:] for target in targets if target.startswith("@")))[:MAX_SHOWN]


async def _quote(message: Mapping[str, Any], space: int) -> str:
    names = await teams.labels_of(ids=[*_named_in(message["content"]), message["userId"]])
    return compose(
        message["content"],
        author=names.get(message["userId"], "Somebody"),
        link=_link_of(message),
        files=[file["name"] for file in message.get("attachments", ())],
        names=names,
        space=space,
    )
