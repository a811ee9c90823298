"""HTTP views of quotes."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation
from messaging.http_serializers import SentSerializer
from messaging.links import with_links
from messaging.serializers import RenderInput
from messaging.text.answers import with_html
from users.actor import Actor
from users.api import ApiView

from . import serializers, services

Wire = dict[str, Any]


class QuoteView(ApiView):
    """A message as a quote."""

    @Operation("messages_quote", serializers.QuoteInput, serializers.QuoteSerializer)
    async def get(self, actor: Actor, **message: Any) -> Wire:
        """Get a text that quotes a message with its author and link, to write below."""
        return await services.quote_message(actor=actor, **message)


class ForwardView(ApiView):
    """A message in another group."""

    @Operation(
        "messages_forward",
        serializers.ForwardMessageInput,
        SentSerializer,
        statuses=(201, 200),
        location=lambda sent: f"/api/messages/{sent['message']['id']}",
        query=RenderInput,
    )
    def post(self, actor: Actor, render: str | None = None, **message: Any) -> Wire:
        """Send a message to another group of yours as a quote, with what you say to it below."""
        sent = call_async(services.forward_message, actor=actor, **message)
        return with_links(call_async(with_html, sent, actor=actor) if render else sent)
