"""The emoji to choose from, and the panel that offers them without JavaScript."""

from django.utils.translation import gettext_lazy as _

from web.panel import PanelLoader, message_panel

EMOJI = (
    *("👍", "👎", "❤️", "😂", "🎉", "🙏", "👀", "✅", "😀", "😅", "😉", "😍", "🤔", "😮", "😢", "😡"),
    *("👏", "🙌", "💪", "🤝", "👋", "🤞", "🫡", "🤷", "🔥", "⭐", "💡", "🚀", "☕", "🍕", "🎂", "🌱"),
    *("❌", "❓", "❗", "🙈", "🐛", "🔧", "📌", "📎", "📈", "⏳", "🔒", "💬", "🟢", "🟡", "🔴", "💯"),
)


def reaction_panel(message_id: str) -> PanelLoader:
    return message_panel(message_id, kind="react", title=_("React"), template="web/reactions/panel.html")
