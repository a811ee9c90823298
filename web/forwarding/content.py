"""The panel in which one chooses where a message goes, and says something to it."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.ids import new_id
from groups import selectors as groups
from groups.summary import GroupSummary
from messaging import selectors
from users.actor import Actor
from web.conversation.content import Viewer, message_context
from web.panel import Panel, PanelLoader, require_in_group

_GROUPS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Forwarding:
    """The fields of the form, after a failed attempt as they were; a `client_id` makes one message."""

    text: str = ""
    target: str = ""
    client_id: str = field(default_factory=lambda: new_id("page"))


def forwarding_panel(message_id: str, forwarding: Forwarding, cursor: str | None = None) -> PanelLoader:
    """Return the loader of the form for a message; it offers a page of the actor's groups."""

    async def load(actor: Actor, group: GroupSummary) -> Panel:
        message = await selectors.get_message(actor=actor, message_id=message_id)
        require_in_group(message, group.id)
        page = await groups.list_groups(actor=actor, cursor=cursor, limit=_GROUPS_SHOWN)

        def context(viewer: Viewer) -> dict[str, Any]:
            return {
                "key": f"forward:{message_id}",
                "title": _("Forward"),
                "template": "web/forwarding/panel.html",
                "root": message_context(message, viewer),
                "forwarding": forwarding,
                "groups": sorted(page.groups, key=lambda each: each.name.casefold()),
                "next_cursor": page.next_cursor,
            }

        return Panel(context, [message])

    return load
