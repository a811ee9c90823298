"""What the page of search shows: each message as it is now, where it was said, and by whom."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.errors import Invalid
from foundation.ids import parse_message_id
from messaging.links import link_to
from search.query import MAX_LENGTH
from search.selectors import BEST, NEWEST, search
from users.actor import Actor
from web.excerpts import name_in, names_of
from web.said import sentences_of

# What may be asked for, as the page explains it.
_HELP = (
    ("word", _("is a part of the message; upper case and accents do not count")),
    ('"two words"', _("just so")),
    ("-word", _("is not in it; operators may be excluded too")),
    ("from:me", _("or a name, or a handle: who wrote it")),
    ("in:group", _("where")),
    ("mentions:me", _("or a name, a team, all, here: whom it names")),
    ("has:file", _("or image, link, reaction")),
    ("is:pinned", _("or saved, thread")),
    ("on:2026-03-14", _("or before:, after: that day")),
)
_ORDERS = ((NEWEST, _("Newest first")), (BEST, _("Best first")))


def empty_context(
    actor: Actor, query: str = "", *, order: str = NEWEST, problem: Invalid | None = None
) -> dict[str, Any]:
    """Return the template's context without results; `problem` is what is wrong with the query."""
    about = {
        "query": query[: 2 * MAX_LENGTH],
        "max_length": MAX_LENGTH,
        "help": _HELP,
        "problem": " ".join(sentences_of(problem)),
    }
    return {"actor": actor, "order": order, "orders": _ORDERS, **about}


async def search_context(
    actor: Actor, *, query: str, order: str = NEWEST, cursor: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """Return the template's context for a page of results: the first, or the one after `cursor`."""
    page = await search(actor=actor, query=query, order=order, cursor=cursor)
    names = await names_of(item["message"] for item in page["items"])
    more = {"q": query, "order": order, "cursor": page.get("nextCursor")}
    return {
        **empty_context(actor, query, order=order),
        "has_searched": True,
        "items": [_item(item, names) for item in page["items"]],
        "people": page.get("people", ()),
        "more_people": page.get("morePeople", False),
        "files": [{**found, "permalink": _permalink(found["messageId"])} for found in page.get("files", ())],
        "more_files": page.get("moreFiles", False),
        "more_url": f"{reverse('web:search')}?{urlencode(more)}" if "nextCursor" in page else "",
    }


def _item(item: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    message = item["message"]
    return {
        **item,
        "author": name_in(names, message["userId"]),
        "at": datetime.fromisoformat(message["createdAt"]),
        "permalink": link_to(message["groupId"], message["seq"]),
    }


def _permalink(message_id: str) -> str:
    group_id, seq = parse_message_id(message_id) or ("", 0)
    return link_to(group_id, seq)
