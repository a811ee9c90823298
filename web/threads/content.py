"""The thread panel: a message and its replies, from the first unread one on, or another part of them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from groups.summary import GroupSummary
from messaging.threads.pages import read_thread_page
from users.actor import Actor
from web.conversation.content import Viewer, log_context, message_context
from web.panel import Panel, PanelLoader, require_in_group

REPLIES_SHOWN = 100


def thread_panel(message_id: str, **place: Any) -> PanelLoader:
    """Return the loader of this thread; it raises `NotFound` when the message is not in the group.

    `place` says which replies it has, as `messaging.threads.pages.read_thread_page` takes it.
    """

    async def load(actor: Actor, group: GroupSummary) -> Panel:
        thread = await read_thread_page(actor=actor, message_id=message_id, limit=REPLIES_SHOWN, **place)
        root, replies = thread["root"], thread["messages"]
        require_in_group(root, group.id)

        def context(viewer: Viewer) -> dict[str, Any]:
            return {**_buttons(group.id, thread), **_log(thread, viewer)}

        return Panel(context, [root, *replies])

    return load


def _buttons(group_id: str, thread: dict[str, Any]) -> dict[str, Any]:
    root = thread["root"]
    return {
        "key": f"thread:{root['id']}",
        "title": _("Thread"),
        "template": "web/threads/panel.html",
        "following": thread["following"],
        "follow_url": reverse("web:follow", args=[group_id, root["id"]]),
        "unfollow_url": reverse("web:unfollow", args=[group_id, root["id"]]),
        "read_url": reverse("web:read-thread", args=[group_id, root["id"]]),
    }


def _log(thread: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    replies, root = thread["messages"], message_context(thread["root"], viewer)
    # Where what is shown does not reach back to the read mark, the first unread reply is on another page.
    line_after = thread["read"] if thread["unread"] and thread["joins"] else None
    items = log_context(replies, viewer, read=line_after, root=root)
    return {
        "root": root,
        "items": items,
        "new_from": next((item["seq"] for item in items if "first_unread" in item), None),
        "read": thread["read"],
        "unread": thread["unread"],
        "unread_until": replies[-1]["seq"] if thread["unread"] and thread["joins"] and replies else None,
        "joins": thread["joins"],
        "has_newer": thread["hasNewer"],
        "first": replies[0]["seq"] if replies and thread["hasMore"] else None,
        "last": replies[-1]["seq"] if replies and thread["hasNewer"] else None,
    }


def thread_panel_of(parent_id: str) -> PanelLoader | None:
    """Return the panel that shows a message: the thread if it is a reply, else none."""
    return thread_panel(parent_id) if parent_id else None
