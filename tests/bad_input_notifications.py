"""Valid input about how somebody is told of messages, of which any field is then replaced with anything."""

from typing import Any

_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
NOTIFICATION_REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/api/notifications/settings"): {
        "push": True,
        "mail": False,
        "quietFrom": "22:00",
        "quietUntil": "07:00",
    },
    ("POST", "/api/notifications/devices"): {
        "endpoint": "https://push.example.org/x",
        "keys": {"p256dh": _KEY, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
        "name": "Fox",
    },
}
NOTIFICATION_LISTS: dict[str, tuple[str, ...]] = {"/api/notifications/why": ("messageId",)}
