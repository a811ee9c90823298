"""What the page of what is unread shows."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from messaging.text.answers import with_html
from messaging.unread_places import MAX_GROUPS, list_unread
from users.actor import Actor
from web.excerpts import excerpt, names_of
from web.main import MainLoader


def unread_page(cursor: tuple[str, str] | None, at: str = "", *, asks: bool = False) -> MainLoader:
    """Return the loader of a page: the first, or the one after `cursor`, whose text is `at`.

    `asks`: it asks whether all of it is to be marked as read.
    """

    async def load(actor: Actor) -> dict[str, Any]:
        found = await list_unread(actor=actor, cursor=cursor)
        places = found["places"]
        shown = [message for place in places for message in place["messages"]]
        await with_html({"messages": shown}, actor=actor)
        names = await names_of(shown)
        here = {"cursor": at} if at else {}
        return {
            "key": "unread",
            "title": _("Unread"),
            "template": "web/unread/unread.html",
            "places": [_context(place, names) for place in places],
            "asks": asks and bool(places),
            "ask_url": f"?{urlencode({**here, 'ask': ''})}",
            "here_url": f"?{urlencode(here)}" if here else reverse("web:unread"),
            "left_out": MAX_GROUPS if found["leftOut"] else 0,
            "more_url": f"?{urlencode({'cursor': found['nextCursor']})}" if "nextCursor" in found else "",
        }

    return load


def _context(place: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    messages = place["messages"]
    group_id = place["group"]["id"]
    thread = [group_id, place["root"]["id"]] if "root" in place else None
    return {
        **place,
        "value": f"{place['id']}:{place['seq']}",
        "url": reverse("web:thread", args=thread) if thread else reverse("web:group", args=[group_id]),
        "excerpts": [excerpt(message, names) for message in messages],
        "more": max(0, place["unread"] - len(messages)),
    }
