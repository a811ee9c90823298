"""The history panel: the texts that a message has had, the latest first."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from groups.summary import GroupSummary
from messaging import selectors
from messaging.edit_history import list_versions
from messaging.text.answers import with_html
from users.actor import Actor
from web.conversation.content import Viewer, message_context
from web.panel import Panel, PanelLoader, require_in_group


def history_panel(message_id: str) -> PanelLoader:
    """Return the loader of this message's history; it raises what `list_versions` raises."""

    async def load(actor: Actor, group: GroupSummary) -> Panel:
        message = await selectors.get_message(actor=actor, message_id=message_id)
        require_in_group(message, group.id)
        found = await with_html(await list_versions(actor=actor, message_id=message_id), actor=actor)
        versions = [
            {**version, "at": datetime.fromisoformat(version["createdAt"]) if "createdAt" in version else None}
            for version in reversed(found["versions"])
        ]

        def context(viewer: Viewer) -> dict[str, Any]:
            return {
                "key": f"history:{message_id}",
                "title": _("History"),
                "template": "web/history/panel.html",
                "message": message_context(message, viewer),
                "versions": versions,
            }

        return Panel(context, [message])

    return load
