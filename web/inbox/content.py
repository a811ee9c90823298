"""The inbox as its page shows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from messaging.inbox.selectors import list_inbox
from messaging.links import link_to
from messaging.text.answers import with_html
from users.actor import Actor
from web.excerpts import excerpt, name_in, names_of
from web.main import MainLoader

# What is said of an item, by its kind.
_DEEDS = {
    "mention": _("named you"),
    "reply": _("replied in a thread"),
    "reaction": _("reacted with"),
    "reminder": _("wanted to be reminded"),
}


def inbox_page(cursor: tuple[str, str] | None, kind: str | None = None) -> MainLoader:
    """Return the loader of a page of the inbox, or of one kind of its items."""
    only = {"kind": kind} if kind else {}

    async def load(actor: Actor) -> dict[str, Any]:
        found = await with_html(await list_inbox(actor=actor, cursor=cursor, kind=kind), actor=actor)
        items = found["items"]
        names = await names_of((item["message"] for item in items), (item["userId"] for item in items))
        return {
            "key": "inbox",
            "title": _("Inbox"),
            "template": "web/inbox/inbox.html",
            "items": [_context(item, names) for item in items],
            "unread": found["unread"],
            "kind": kind,
            "query": f"?{urlencode(only)}" if only else "",
            "more_url": f"?{urlencode({**only, 'cursor': found['nextCursor']})}" if "nextCursor" in found else "",
        }

    return load


def _context(item: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        **item,
        "who": name_in(names, item["userId"]),
        "deed": _DEEDS[item["kind"]],
        "time": datetime.fromisoformat(item["at"]),
        "excerpt": excerpt(item["message"], names),
        "url": _address(item["message"]),
    }


def _address(message: Mapping[str, Any]) -> str:
    """Return the address of the page that shows a message, marked, among those around it, or in its thread."""
    return link_to(message["groupId"], message["seq"])
