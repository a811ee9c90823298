"""Valid input about messages to be sent and reminders, of which any field is then replaced with anything."""

from typing import Any

_AT = {"at": "2001-01-01T09:00", "timeZone": "Europe/Berlin"}

PLANNED_EVENTS: dict[str, dict[str, Any]] = {
    "schedule_message": {"groupId": "$group", "parentId": "$message", "content": "x", **_AT},
    "change_scheduled": {"scheduledId": "x", "content": "x", "ifVersion": 1, **_AT},
    "cancel_scheduled": {"scheduledId": "x"},
    "remind": {"messageId": "$message", **_AT},
    "cancel_reminder": {"reminderId": "x"},
}
PLANNED_REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/scheduled"): PLANNED_EVENTS["schedule_message"],
    ("PATCH", "/api/scheduled/x"): {"content": "x", "ifVersion": 1, **_AT},
    ("POST", "/api/reminders"): {"messageId": "$message", "when": "tomorrow", "timeZone": "UTC"},
}
