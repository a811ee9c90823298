"""The list of the threads that somebody follows."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from messaging.text.answers import with_html
from messaging.threads.selectors import list_threads
from users.actor import Actor
from web.excerpts import excerpt, names_of
from web.main import MainLoader


def followed_threads(cursor: tuple[str] | None) -> MainLoader:
    """Return the loader of a page of the list."""

    async def load(actor: Actor) -> dict[str, Any]:
        found = await with_html(await list_threads(actor=actor, cursor=cursor), actor=actor)
        names = await names_of(message for thread in found["threads"] for message in _messages(thread))
        return {
            "key": "threads",
            "title": _("Threads"),
            "template": "web/threads/followed.html",
            "threads": [_context(thread, names) for thread in found["threads"]],
            "unread": found.get("unreadThreads"),
            "more_url": f"?{urlencode({'cursor': found['nextCursor']})}" if "nextCursor" in found else "",
        }

    return load


def _messages(thread: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [thread[name] for name in ("root", "lastReply") if name in thread]


def _context(thread: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    root = thread["root"]
    return {
        **thread,
        "excerpts": [excerpt(message, names) for message in _messages(thread)],
        "url": reverse("web:thread", args=[root["groupId"], root["id"]]),
    }
