"""The panel that asks whether a message is to be deleted."""

from django.utils.translation import gettext_lazy as _

from web.panel import PanelLoader, message_panel


def deletion_panel(message_id: str) -> PanelLoader:
    return message_panel(message_id, kind="delete", title=_("Delete"), template="web/deletion/panel.html")
