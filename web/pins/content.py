"""The panel of a group's pinned messages, those pinned last first."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from groups.summary import GroupSummary
from messaging.pins.selectors import list_pins
from users.actor import Actor
from web.conversation.content import Viewer, message_context
from web.panel import Panel


async def pins_panel(actor: Actor, group: GroupSummary) -> Panel:
    messages = (await list_pins(actor=actor, group_id=group.id))["messages"]

    def context(viewer: Viewer) -> dict[str, Any]:
        return {
            "key": "pins",
            "title": _("Pinned messages"),
            "template": "web/pins/panel.html",
            "items": [message_context(message, viewer) for message in messages],
        }

    return Panel(context, messages)
