"""The HTTP API of search."""

from typing import Any

from foundation.operations import Operation, next_cursor
from messaging.links import with_links
from messaging.text.answers import with_html
from users.actor import Actor
from users.api import ApiView

from . import serializers
from .selectors import search

Wire = dict[str, Any]


class SearchView(ApiView):
    """What people have said where you are."""

    @Operation("search_messages", serializers.SearchPageInput, serializers.FoundPageSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, render: str | None = None, **query: Any) -> Wire:
        """Find messages by any part of their text, newest or best first; people and files by their names.

        Upper case, accents and width do not count. Words must all be there, as parts of longer words too; `"a phrase"`
        as it stands; `-word` must not. `from:ada` (or `me`, a handle, an id), `in:engines`, `mentions:me`,
        `has:file|image|link|reaction`, `is:pinned|saved|thread`, `before:2026-03-14`, `after:`, `on:` narrow it.
        """
        found = await search(actor=actor, **query)
        return with_links(await with_html(found, actor=actor) if render else found)
