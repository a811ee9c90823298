"""Messages as the templates show them: the wire's shape with names, permitted actions and addresses."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext

from messaging.edit_history import may_see_history
from messaging.links import link_to
from users.actor import Actor
from users.names import distinct_names

# A message with its HTML, a file or a reaction as the API returns it.
Wire = Mapping[str, Any]
# The same, with what its template needs.
Context = dict[str, Any]

# Images that every browser shows and that carry no script; any other type is shown as a link to a file.
IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")
# One author's messages this close together share a heading; conversation/log.js reads it from the page.
HEADING_WINDOW = timedelta(minutes=5)
_NAMES_IN_TITLE = 12
# A longer text is folded, with a button that shows all of it; conversation/content.js reads them from the page.
FOLD = {"characters": 3000, "lines": 30}
# What stands for ids in the pattern of an address.
_GROUP, _MESSAGE = "-group-", "-message-"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The user that the page is for, their role, and the names on the page by user id.

    `editing` is the id of the message that has a form in its place, `found` that of the one that is marked.
    What those who are `blocked` have written is folded.
    """

    actor: Actor
    role: str
    names: Mapping[str, str]
    editing: str | None = None
    found: str | None = None
    blocked: Collection[str] = ()

    def name(self, user_id: str) -> str:
        return self.names.get(user_id, gettext("Someone who has left"))


class _Shown(dict[str, Any]):
    """A message for a template. What it does not have is empty: a template would look for it as an attribute too, and
    to fail at that a thousand times is a tenth of a page."""

    def __missing__(self, name: str) -> str:
        return ""


def user_ids_in(messages: Iterable[Wire]) -> set[str]:
    """Return the ids of all users whose names the messages show: authors, users listed under a reaction, who pinned."""
    user_ids = set()
    for message in messages:
        user_ids.add(message["userId"])
        if pinned := message.get("pinned"):
            user_ids.add(pinned["userId"])
        for reaction in message.get("reactions", ()):
            user_ids.update(reaction["userIds"][:_NAMES_IN_TITLE])
    return user_ids


def log_context(
    messages: Sequence[Wire], viewer: Viewer, *, read: int | None = None, root: Context | None = None
) -> list[Context]:
    """Return a log's messages in order, marked where a day, a heading or the line 'New' goes above one.

    The line goes above the first message of others after `read`. Replies to `root` begin on the day of `root`.
    """
    shown: list[Context] = []
    line_drawn = read is None
    for message in messages:
        item = message_context(message, viewer)
        previous = shown[-1] if shown else None
        if not line_drawn and message["seq"] > (read or 0) and not item["own"]:
            item["first_unread"] = line_drawn = True
        earlier = previous or root
        item["new_day"] = earlier is None or earlier["at"].date() != item["at"].date()
        item["continued"] = not item["new_day"] and "first_unread" not in item and _shares_heading(previous, item)
        shown.append(item)
    return shown


def message_context(message: Wire, viewer: Viewer) -> Context:
    """Return one message for components/message.html."""
    own = message["userId"] == viewer.actor.user_id
    return _Shown(
        {
            **message,
            **_addresses(message),
            "author": viewer.name(message["userId"]),
            "at": datetime.fromisoformat(message["createdAt"]),
            "own": own,
            "blocked": message["userId"] in viewer.blocked,
            "is_long": _is_long(message["content"]),
            "may_see_history": may_see_history(viewer.role, is_author=own),
            "may_delete": own or viewer.role in ("owner", "admin"),
            "editing": message["id"] == viewer.editing and own,
            "found": message["id"] == viewer.found,
            "pinned_by": viewer.name(message["pinned"]["userId"]) if "pinned" in message else "",
            "attachments": [_file_context(file) for file in message.get("attachments", ())],
            "reactions": [_reaction_context(reaction, viewer) for reaction in message.get("reactions", ())],
        }
    )


def _is_long(content: str) -> bool:
    return len(content) > FOLD["characters"] or content.count("\n") >= FOLD["lines"]


def empty_contexts() -> Context:
    """Return empty contexts for the components that the script clones."""
    message: Context = {"content": "", "own": True, "may_delete": True}
    file = {"url": "", "name": "", "size": 0}
    row = {"id": "", "name": "", "unread": 0}
    return {
        "message": message,
        "reaction": {"emoji": "", "count": 0},
        "image": {**file, "is_image": True},
        "file": file,
        "group": {**row, "kind": "group"},
        "direct": {**row, "kind": "direct"},
        "section": {"id": "", "name": "", "rows": []},
    }


def _shares_heading(previous: Context | None, item: Context) -> bool:
    if previous is None or previous["userId"] != item["userId"]:
        return False
    return bool(item["at"] - previous["at"] < HEADING_WINDOW)


def _file_context(file: Wire) -> Context:
    size = file["metadata"]
    return {
        **file,
        "is_image": file["type"] in IMAGE_TYPES,
        "width": size.get("width"),
        "height": size.get("height"),
    }


def _reaction_context(reaction: Wire, viewer: Viewer) -> Context:
    listed = reaction["userIds"][:_NAMES_IN_TITLE]
    named = list(distinct_names({user_id: viewer.name(user_id) for user_id in listed}).values())
    more = reaction["count"] - len(named)
    names = ", ".join(named)
    if more > 0:
        names = gettext("{names} and {count} more").format(names=names, count=more)
    return {**reaction, "mine": viewer.actor.user_id in reaction["userIds"], "names": names}


@lru_cache(maxsize=64)
def _pattern(name: str, prefix: str, *placeholders: str) -> str:
    """Return an address with placeholders: for a page of messages, Django's `reverse` took 30 ms of the event loop."""
    return reverse(f"web:{name}", args=placeholders)


def _addresses(message: Wire) -> Context:
    prefix, group_id, own_id = get_script_prefix(), *(quote(message[name], safe="") for name in ("groupId", "id"))

    def at(name: str, message_id: str = own_id) -> str:
        return _pattern(name, prefix, _GROUP, _MESSAGE).replace(_GROUP, group_id).replace(_MESSAGE, message_id)

    return {
        "thread_url": at("thread", quote(message.get("parentId") or message["id"], safe="")),
        "react_url": at("react"),
        "add_reaction_url": at("add-reaction"),
        "remove_reaction_url": at("remove-reaction"),
        "edit_url": at("edit"),
        "delete_url": at("delete"),
        "history_url": at("history"),
        "unread_url": at("mark-unread"),
        "quote_url": at("quote"),
        "forward_url": at("forward"),
        "pin_url": at("pin"),
        "save_url": at("save"),
        "remind_url": at("choose-reminder"),
        "report_url": at("report"),
        "why_url": at("why"),
        "permalink": link_to(message["groupId"], message["seq"]),
        "url": _pattern("group", prefix, _GROUP).replace(_GROUP, group_id),
    }
