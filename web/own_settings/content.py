"""What the form of one's own settings of a group offers."""

from datetime import datetime
from typing import Any

from groups.own_settings.own_settings import OwnSettings

LEVELS = {"all": "Every message", "mentions": "Messages that name me", "nothing": "Nothing"}
# How long a group may be muted, in minutes; `true` and `false` are for ever, and not at all.
MUTES = {
    "false": "Not muted",
    "60": "For an hour",
    "480": "For 8 hours",
    "1440": "For a day",
    "10080": "For a week",
    "true": "Until I unmute it",
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
