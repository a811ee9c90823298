"""The thread panel: a message and its replies, the newest or those before a seq."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from groups.summary import GroupSummary
from messaging import selectors
from users.actor import Actor
from web.conversation.content import Viewer, log_context, message_context
from web.panel import Panel, PanelLoader, require_in_group

REPLIES_SHOWN = 100


def thread_panel(message_id: str, before: int | None = None, shown: int | None = None) -> PanelLoader:
    """Return the loader of this thread; it raises `NotFound` when the message is not in the group.

    It has the newest replies, or those before the seq `before`; others where the one at the seq `shown` is older.
    """

    async def load(actor: Actor, group: GroupSummary) -> Panel:
        end = before
        thread = await selectors.list_thread(actor=actor, message_id=message_id, before=end, limit=REPLIES_SHOWN)
        if shown and thread["hasMore"] and shown < thread["messages"][0]["seq"]:
            end = shown + 1
            thread = await selectors.list_thread(actor=actor, message_id=message_id, before=end, limit=REPLIES_SHOWN)
        root, replies = thread["root"], thread["messages"]
        require_in_group(root, group)

        def context(viewer: Viewer) -> dict[str, Any]:
            root_context = message_context(root, viewer)
            return {
                "key": f"thread:{message_id}",
                "title": _("Thread"),
                "template": "web/threads/panel.html",
                "root": root_context,
                "items": log_context(replies, viewer, root=root_context),
                "following": thread["following"],
                "follow_url": reverse("web:follow", args=[group.id, message_id]),
                "unfollow_url": reverse("web:unfollow", args=[group.id, message_id]),
                "read": thread["read"],
                "read_url": reverse("web:read-thread", args=[group.id, message_id]),
                "unread_until": replies[-1]["seq"] if thread["unread"] and end is None and replies else None,
                "older": end is not None,
                "first": replies[0]["seq"] if thread["hasMore"] else None,
            }

        return Panel(context, [root, *replies])

    return load


def thread_panel_of(parent_id: str) -> PanelLoader | None:
    """Return the panel that shows a message: the thread if it is a reply, else none."""
    return thread_panel(parent_id) if parent_id else None
