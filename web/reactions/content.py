"""The emoji to choose from, and the panel that offers them without JavaScript."""

from django.utils.translation import gettext_lazy as _

from groups.summary import GroupSummary
from messaging import selectors
from users.actor import Actor
from web.conversation.content import message_context
from web.panel import Panel, PanelLoader, require_in_group

EMOJI = (
    *("👍", "👎", "❤️", "😂", "🎉", "🙏", "👀", "✅", "😀", "😅", "😉", "😍", "🤔", "😮", "😢", "😡"),
    *("👏", "🙌", "💪", "🤝", "👋", "🤞", "🫡", "🤷", "🔥", "⭐", "💡", "🚀", "☕", "🍕", "🎂", "🌱"),
    *("❌", "❓", "❗", "🙈", "🐛", "🔧", "📌", "📎", "📈", "⏳", "🔒", "💬", "🟢", "🟡", "🔴", "💯"),
)


def reaction_panel(message_id: str) -> PanelLoader:
    """Return a loader of the emoji panel for a message; the loader raises `NotFound` unless it is in the group."""

    async def load(actor: Actor, group: GroupSummary) -> Panel:
        message = await selectors.get_message(actor=actor, message_id=message_id)
        require_in_group(message, group)
        return Panel(
            lambda viewer: {
                "key": f"react:{message_id}",
                "title": _("React"),
                "template": "web/reactions/panel.html",
                "root": message_context(message, viewer),
            },
            [message],
        )

    return load
