"""The panel that asks whether a message is to be deleted."""

from django.utils.translation import gettext_lazy as _

from groups.summary import GroupSummary
from messaging import selectors
from users.actor import Actor
from web.conversation.content import message_context
from web.panel import Panel, PanelLoader, require_in_group


def deletion_panel(message_id: str) -> PanelLoader:
    """Return a loader of the question; the loader raises `NotFound` unless the message is in the group."""

    async def load(actor: Actor, group: GroupSummary) -> Panel:
        message = await selectors.get_message(actor=actor, message_id=message_id)
        require_in_group(message, group)
        return Panel(
            lambda viewer: {
                "key": f"delete:{message_id}",
                "title": _("Delete"),
                "template": "web/deletion/panel.html",
                "root": message_context(message, viewer),
            },
            [message],
        )

    return load
