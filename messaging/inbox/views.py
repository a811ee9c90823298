"""HTTP views of a person's inbox."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation, next_cursor
from messaging.links import with_links
from messaging.text.answers import with_html
from users.actor import Actor
from users.api import ApiView

from . import serializers
from .selectors import list_inbox
from .services import read_items

Wire = dict[str, Any]


class InboxView(ApiView):
    """What others have said to you."""

    @Operation("inbox_list", serializers.ListInboxInput, serializers.InboxSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, render: str | None = None, **page: Any) -> Wire:
        """List who has named you, replied in a thread that you follow, or reacted to what you wrote, newest first.

        Reading where it was said reads a mention or a reply here too.
        """
        answer = await list_inbox(actor=actor, **page)
        return with_links(await with_html(answer, actor=actor) if render else answer)


class ReadItemsView(ApiView):
    """What you have read of your inbox."""

    @Operation("inbox_read", serializers.ReadItemsInput, serializers.UnreadSerializer)
    def post(self, actor: Actor, **items: Any) -> Wire:
        """Mark some items of your inbox as read, or all."""
        return call_async(read_items, actor=actor, **items)
