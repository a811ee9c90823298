"""What the chat pages show of messages: the wire's shapes with the names, marks and addresses that one sees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from users.actor import Actor

Wire = Mapping[str, Any]
Shown = dict[str, Any]

# Images that every browser draws and that carry no script; anything else is a link to a file.
IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")
# Messages of one person this close together share one heading; the script has the same number.
TOGETHER = timedelta(minutes=5)
_NAMES_IN_TITLE = 12


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, as what, and the names of those who are read: `names` maps user ids."""

    actor: Actor
    role: str
    names: Mapping[str, str]
    editing: str | None = None

    def name(self, user_id: str) -> str:
        return self.names.get(user_id, "Someone who has left")


def people_in(messages: Iterable[Wire]) -> set[str]:
    """Return the ids of everybody whose name the messages need."""
    found = set()
    for message in messages:
        found.add(message["userId"])
        for reaction in message.get("reactions", ()):
            found.update(reaction["userIds"][:_NAMES_IN_TITLE])
    return found


def show_log(
    messages: Sequence[Wire], reader: Reader, *, read: int | None = None, root: Shown | None = None
) -> list[Shown]:
    """Return the messages of a log in order, with its days, its headings and, after `read`, the line 'New'.

    The replies to `root` begin on its day.
    """
    shown: list[Shown] = []
    line_drawn = read is None
    for message in messages:
        item = show(message, reader)
        before = shown[-1] if shown else None
        if not line_drawn and message["seq"] > (read or 0) and not item["own"]:
            item["first_unread"] = line_drawn = True
        earlier = before or root
        item["new_day"] = earlier is None or earlier["at"].date() != item["at"].date()
        item["continued"] = not item["new_day"] and "first_unread" not in item and _together(before, item)
        shown.append(item)
    return shown


def show(message: Wire, reader: Reader) -> Shown:
    """Return one message with everything that the template asks for."""
    own = message["userId"] == reader.actor.user_id
    return {
        **message,
        **_addresses(message),
        "author": reader.name(message["userId"]),
        "at": datetime.fromisoformat(message["createdAt"]),
        "own": own,
        "may_delete": own or reader.role in ("owner", "admin"),
        "editing": message["id"] == reader.editing and own,
        "attachments": [show_file(file) for file in message.get("attachments", ())],
        "reactions": [_reaction(reaction, reader) for reaction in message.get("reactions", ())],
    }


def show_file(file: Wire) -> Shown:
    size = file["metadata"]
    return {
        **file,
        "is_image": file["type"] in IMAGE_TYPES,
        "width": size.get("width"),
        "height": size.get("height"),
    }


def blank(actor: Actor) -> Shown:
    """Return empty things for the partials that the script clones."""
    message: Shown = {"content": "", "own": True, "may_delete": True}
    file = {"url": "", "name": "", "size": 0}
    row = {"id": "", "name": "", "unread": 0}
    return {
        "message": message,
        "reaction": {"emoji": "", "count": 0},
        "image": {**file, "is_image": True},
        "file": file,
        "group": {**row, "kind": "group"},
        "direct": {**row, "kind": "direct"},
    }


def _together(before: Shown | None, item: Shown) -> bool:
    same = before is not None and before["userId"] == item["userId"]
    return bool(same and before and item["at"] - before["at"] < TOGETHER)


def _reaction(reaction: Wire, reader: Reader) -> Shown:
    named = [reader.name(user_id) for user_id in reaction["userIds"][:_NAMES_IN_TITLE]]
    more = reaction["count"] - len(named)
    names = ", ".join(named) + (f" and {more} more" if more > 0 else "")
    return {**reaction, "mine": reader.actor.user_id in reaction["userIds"], "names": names}


def _addresses(message: Wire) -> Shown:
    def at(name: str, message_id: str = message["id"]) -> str:
        return reverse(f"chat:{name}", args=[message["groupId"], message_id])

    return {
        "thread_url": at("thread", message.get("parentId") or message["id"]),
        "react_url": at("react"),
        "add_reaction_url": at("add-reaction"),
        "unreact_url": at("remove-reaction"),
        "edit_url": at("edit"),
        "delete_url": at("delete"),
        "url": reverse("chat:group", args=[message["groupId"]]),
    }
