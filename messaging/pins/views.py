"""HTTP views of pins."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation
from messaging.links import with_links
from messaging.text.answers import with_html
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services

Wire = dict[str, Any]


class PinsView(ApiView):
    """The messages that are pinned in a group."""

    @Operation("groups_pins", serializers.ListPinsInput, serializers.PinsSerializer)
    async def get(self, actor: Actor, render: str | None = None, **group: Any) -> Wire:
        """List the pinned messages of a group, those pinned last first."""
        pins = await selectors.list_pins(actor=actor, **group)
        return with_links(await with_html(pins, actor=actor) if render else pins)


class PinView(ApiView):
    """Whether a message is pinned."""

    @Operation("messages_pin", serializers.PinInput, serializers.PinChangeSerializer)
    def post(self, actor: Actor, **pin: Any) -> Wire:
        """Pin a message in its group, or unpin it."""
        return call_async(services.pin_message, actor=actor, **pin)
