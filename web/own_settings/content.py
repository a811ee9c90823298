"""What the form of one's own settings of a group offers."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from groups.own_settings.own_settings import OwnSettings

LEVELS = {"all": _("Every message"), "mentions": _("Messages that name me"), "nothing": _("Nothing")}
# How long a group may be muted, in minutes; `true` and `false` are for ever, and not at all.
MUTES = {
    "false": _("Not muted"),
    "60": _("For an hour"),
    "480": _("For 8 hours"),
    "1440": _("For a day"),
    "10080": _("For a week"),
    "true": _("Until I unmute it"),
}


def own_settings_context(own: OwnSettings) -> dict[str, Any]:
    """Return {levels, mutes, mute, until}: what is chosen of the mutes, and until when it is muted, None for ever."""
    until = own.muted_until if own.is_muted else None
    return {
        "levels": LEVELS,
        "mutes": MUTES,
        "mute": "" if until else str(own.is_muted).lower(),
        "until": until and datetime.fromisoformat(until),
    }
