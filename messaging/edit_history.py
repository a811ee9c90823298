"""What a message said before it was edited, for those whom the setting EDIT_HISTORY lets see it."""

from typing import Any

import orjson
from django.conf import settings

from foundation.errors import Forbidden, Gone, NotFound
from foundation.ids import parse_message_id
from foundation.limits import bucket
from groups.access import is_manager, require_member
from groups.log import queries
from groups.log.entry import Entry
from users.actor import Actor

from .models import Message, find_message

# Values of EDIT_HISTORY.
AUTHOR, MANAGERS, MEMBERS = "author", "managers", "members"
# What a packet has beside the versions.
_PACKET_MARGIN = 1_000


async def list_versions(*, actor: Actor, message_id: str) -> dict[str, Any]:
    """Return {"versions": [{"id": the message's, "version", "content", "createdAt"?}]}, the oldest first.

    They are those that the last 50 edits replaced, and the present one; `createdAt` is left out where it is not known.
    Raises `NotFound` unless the actor is a member and the message exists, `Forbidden` when the setting does not let
    them see it, `Gone` when it is deleted, `RateLimited`, `Unavailable`.
    """
    bucket.require("history", actor.user_id)
    key = parse_message_id(message_id)
    if key is None:
        raise NotFound
    member = await require_member(actor=actor, group_id=key[0])
    entry = await find_message(message_id)
    if entry is None:
        raise NotFound
    message = Message.from_entry(entry)
    if not may_see_history(member.role, is_author=message.user_id == actor.user_id):
        raise Forbidden("You may not see what this message said before.")
    if message.deleted:
        raise Gone("The message has been deleted.")
    edits = await _edits_of(entry)
    versions = _versions(message, edits)
    bucket.charge("history", actor.user_id, sum(len(version["content"]) for version in versions) / 1000)
    return {"versions": versions}


def fitting(answer: dict[str, Any]) -> dict[str, Any]:
    """Return those of the versions, the newest, that fit into a packet, with `hasMore` if there are others.

    An acknowledgement is one packet: a larger one would close the connection, again after each reconnect.
    """
    space, kept = settings.MAX_PACKET_BYTES - _PACKET_MARGIN, list[dict[str, Any]]()
    for version in reversed(answer["versions"]):
        space -= len(orjson.dumps(version)) + 1
        if space < 0 and kept:
            return {"versions": kept[::-1], "hasMore": True}
        kept.append(version)
    return answer


def may_see_history(role: str, *, is_author: bool) -> bool:
    """Return whether a member of this role may see what a message said before."""
    shown_to = settings.EDIT_HISTORY
    return (
        shown_to == MEMBERS
        or (shown_to in (AUTHOR, MANAGERS) and is_author)
        or (shown_to == MANAGERS and is_manager(role))
    )


async def _edits_of(entry: Entry) -> list[Entry]:
    """Return the edits that hold former texts of a message, the oldest first."""
    seqs = [int(seq) for seq in entry.edits or ()]
    found = await queries.get_entries((entry.group_id, seq) for seq in seqs)
    return [found[entry.group_id, seq] for seq in seqs if (entry.group_id, seq) in found]


def _versions(message: Message, edits: list[Entry]) -> list[dict[str, Any]]:
    first = message.version - len(edits)
    contents = [*(edit.former or "" for edit in edits), message.content]
    times = [message.created_at if first == 1 else None, *(edit.created_at for edit in edits)]
    return [
        {"id": message.id, "version": first + place, "content": content, **({"createdAt": time} if time else {})}
        for place, (content, time) in enumerate(zip(contents, times, strict=True))
    ]
