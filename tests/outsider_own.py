"""What an outsider attempts of settings of their own of a group, its picture, and its deletion."""

from collections.abc import Callable
from typing import Any

from .outsider_attempts import Request, Target, json_body

_PIXEL = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q"
    b"\0\0\0\0IEND\xaeB`\x82"
)

OWN_REQUESTS: dict[str, Request] = {
    "make it a favourite": lambda t: ("PATCH", f"/api/groups/{t.group}/me", json_body(favourite=True)),
    "mute it": lambda t: ("PATCH", f"/api/groups/{t.group}/me", json_body(muted=True)),
    "put it into a section": lambda t: ("PATCH", f"/api/groups/{t.group}/me", json_body(sectionId="section_x")),
    "see the picture": lambda t: ("GET", f"/api/groups/{t.group}/picture", {}),
    "give it a picture": lambda t: ("PUT", f"/api/groups/{t.group}/picture", {"files": {"file": ("a.png", _PIXEL)}}),
    "take the picture away": lambda t: ("DELETE", f"/api/groups/{t.group}/picture", {}),
}
OWN_EVENTS: list[tuple[str, Callable[[Target], dict[str, Any]]]] = [
    ("group_settings", lambda t: {"groupId": t.group, "favourite": True}),
    ("group_settings", lambda t: {"groupId": t.group, "sectionId": "section_x"}),
]
OWN_PAGES: dict[str, Callable[[Target], str]] = {
    "the question whether to delete it": lambda t: f"/groups/{t.group}/delete",
    "the question whether to delete a message": lambda t: f"/groups/{t.group}/messages/{t.message}/delete",
}
OWN_FORMS: dict[str, Callable[[Target], tuple[str, dict[str, str]]]] = {
    "set something for oneself": lambda t: (f"/groups/{t.group}/me", {"favourite": "true"}),
    "delete the group": lambda t: (f"/groups/{t.group}/delete", {"name": "Harbour"}),
    "take the picture away": lambda t: (f"/groups/{t.group}/picture/remove", {}),
}
