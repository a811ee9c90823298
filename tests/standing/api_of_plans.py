"""All operations of the API about what people plan, how they are told, and what they search for, as in `api`."""

from tests.times import in_a_day

from .door import INVALID, NOT_FOUND, OK, Door

_BOTH = (NOT_FOUND, NOT_FOUND)
_ALL = (OK, OK)
_SCHEDULED, _REMINDER = "/api/scheduled/$scheduled", "/api/reminders/$reminder"
_PLANNED = {"groupId": "$group", "content": "<@$user> look", "at": in_a_day()}
OF_PLANS = {
    "GET scheduled": Door("/api/scheduled", *_ALL),
    "POST scheduled": Door("/api/scheduled", *_BOTH, _PLANNED),
    "PATCH scheduled-message": Door(_SCHEDULED, *_BOTH, {"content": "mine now"}),
    "DELETE scheduled-message": Door(_SCHEDULED, *_BOTH),
    "GET reminders": Door("/api/reminders", *_ALL),
    "POST reminders": Door("/api/reminders", *_BOTH, {"messageId": "$message", "when": "1_hour"}),
    "DELETE reminder": Door(_REMINDER, *_BOTH),
}
OF_NOTIFICATIONS = {
    "GET notification-settings": Door("/api/notifications/settings", *_ALL),
    "PATCH notification-settings": Door("/api/notifications/settings", *_ALL, {"push": True}),
    "GET devices": Door("/api/notifications/devices", *_ALL),
    # One in the server's own network: what is pushed to one that is taken is tested with notifications.
    "POST devices": Door(
        "/api/notifications/devices",
        INVALID,
        INVALID,
        {"endpoint": "https://127.0.0.1/x", "keys": {"p256dh": "x", "auth": "x"}},
    ),
    "DELETE device": Door("/api/notifications/devices/$device", *_BOTH),
    # There is no device.
    "POST notification-test": Door("/api/notifications/test", *_BOTH),
    "GET notification-why": Door("/api/notifications/why?messageId=$message", *_BOTH),
}
OF_SEARCH = {
    # A guest knows nobody who is called so.
    "GET search": Door("/api/search?q=between from:$user", OK, INVALID),
}
PLANS = {**OF_PLANS, **OF_NOTIFICATIONS, **OF_SEARCH}
