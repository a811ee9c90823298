"""HTTP views of saved messages."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation, next_cursor
from messaging.links import with_links
from messaging.text.answers import with_html
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services

Wire = dict[str, Any]


class SavedView(ApiView):
    """Messages that you have saved for later."""

    @Operation("saved_list", serializers.ListSavedInput, serializers.SavedPageSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, render: str | None = None, **query: Any) -> Wire:
        """List what you have saved, the latest first, each message as it is now."""
        page = await selectors.list_saved(actor=actor, **query)
        messages = [each["message"] for each in page["saved"] if "message" in each]
        if render:
            await with_html({"messages": messages}, actor=actor)
        with_links({"messages": messages})
        return page


class SaveView(ApiView):
    """Whether you have saved a message."""

    @Operation("messages_save", serializers.SaveMessageInput, serializers.SavedChangeSerializer)
    def post(self, actor: Actor, **change: Any) -> Wire:
        """Save a message for later, or no longer; nobody else sees it."""
        return call_async(services.save_message, actor=actor, **change)
