"""What an outsider attempts of messages to be sent in a group, and of reminders of what was said there."""

from collections.abc import Callable
from typing import Any

from .outsider_attempts import Request, Target, json_body
from .times import in_a_day

PLANNED_REQUESTS: dict[str, Request] = {
    "plan a message": lambda t: ("POST", "/api/scheduled", json_body(groupId=t.group, content="x", at=in_a_day())),
    "plan a reply": lambda t: (
        *("POST", "/api/scheduled"),
        json_body(groupId=t.group, parentId=t.message, content="x", at=in_a_day()),
    ),
    "be reminded": lambda t: ("POST", "/api/reminders", json_body(messageId=t.message, when="20_minutes")),
}
PLANNED_EVENTS: list[tuple[str, Callable[[Target], dict[str, Any]]]] = [
    ("schedule_message", lambda t: {"groupId": t.group, "content": "x", "at": in_a_day()}),
    ("remind", lambda t: {"messageId": t.message, "when": "20_minutes"}),
]
PLANNED_FORMS: dict[str, Callable[[Target], tuple[str, dict[str, str]]]] = {
    "plan a message": lambda t: (f"/groups/{t.group}/planned", {"content": "x", "at": in_a_day()}),
    "be reminded": lambda t: (f"/groups/{t.group}/messages/{t.message}/remind", {"when": "20_minutes"}),
}
