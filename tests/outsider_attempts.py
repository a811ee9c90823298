"""What an outsider attempts of drafts, pins, saved messages, quotes, and pages around a message."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """The ids that charlie puts into a request: those of a real group, or made-up ones."""

    group: str
    message: str
    file: str
    user: str
    upload: str


Request = Callable[[Target], tuple[str, str, dict[str, Any]]]  # method, path, arguments of httpx


def json_body(**body: Any) -> dict[str, Any]:
    return {"json": body}


KEPT_REQUESTS: dict[str, Request] = {
    "list the messages around one": lambda t: ("GET", f"/api/messages?groupId={t.group}&around={t.message}", {}),
    "list the messages around the unread": lambda t: ("GET", f"/api/messages?groupId={t.group}&around=unread", {}),
    "list newer messages": lambda t: ("GET", f"/api/messages?groupId={t.group}&after=1", {}),
    "list the pins": lambda t: ("GET", f"/api/groups/{t.group}/pins", {}),
    "pin": lambda t: ("POST", f"/api/messages/{t.message}/pin", json_body(action="add")),
    "unpin": lambda t: ("POST", f"/api/messages/{t.message}/pin", json_body(action="remove")),
    "save": lambda t: ("POST", f"/api/messages/{t.message}/saved", json_body(action="add")),
    "save no longer": lambda t: ("POST", f"/api/messages/{t.message}/saved", json_body(action="remove")),
    "history": lambda t: ("GET", f"/api/messages/{t.message}/history", {}),
    "quote": lambda t: ("GET", f"/api/messages/{t.message}/quote", {}),
    "forward": lambda t: ("POST", f"/api/messages/{t.message}/forward", json_body(groupId=t.group)),
    "list drafts": lambda t: ("GET", f"/api/drafts?groupId={t.group}", {}),
    "write a draft": lambda t: ("PUT", "/api/drafts", json_body(groupId=t.group, content="let me in")),
    "write a draft of a reply": lambda t: (
        *("PUT", "/api/drafts"),
        json_body(groupId=t.group, parentId=t.message, content="so?"),
    ),
    "clear a draft": lambda t: ("DELETE", f"/api/drafts?groupId={t.group}", {}),
}
PLACE_REQUESTS: dict[str, Request] = {
    "set a topic": lambda t: ("PATCH", f"/api/groups/{t.group}", json_body(topic="Mine")),
    "make it public": lambda t: ("PATCH", f"/api/groups/{t.group}", json_body(visibility="public")),
    "archive it": lambda t: ("PATCH", f"/api/groups/{t.group}", json_body(archived=True)),
    "take it back into use": lambda t: ("PATCH", f"/api/groups/{t.group}", json_body(archived=False)),
    "let everybody invite": lambda t: ("PATCH", f"/api/groups/{t.group}", json_body(policy={"invite": "everyone"})),
    "join": lambda t: ("POST", f"/api/groups/{t.group}/join", {}),
}
PLACE_FORMS: dict[str, Callable[[Target], tuple[str, dict[str, str]]]] = {
    "set a topic": lambda t: (f"/groups/{t.group}/settings", {"topic": "Mine"}),
    "make it public": lambda t: (f"/groups/{t.group}/settings/rules", {"visibility": "public"}),
    "archive it": lambda t: (f"/groups/{t.group}/settings/archive", {"archived": "true"}),
    "join": lambda t: (f"/groups/{t.group}/join", {}),
}
FORMS: dict[str, Callable[[Target], tuple[str, dict[str, str]]]] = {
    **PLACE_FORMS,
    "send": lambda t: (f"/groups/{t.group}/messages", {"content": "let me in"}),
    "edit": lambda t: (f"/groups/{t.group}/messages/{t.message}/edit", {"content": "mine now"}),
    "delete": lambda t: (f"/groups/{t.group}/messages/{t.message}/delete", {}),
    "react": lambda t: (f"/groups/{t.group}/messages/{t.message}/reaction/add", {"emoji": "👍"}),
    "report": lambda t: (f"/groups/{t.group}/messages/{t.message}/report", {"reason": "spam"}),
    "pin": lambda t: (f"/groups/{t.group}/messages/{t.message}/pin", {"action": "add"}),
    "save": lambda t: (f"/groups/{t.group}/messages/{t.message}/saved", {"action": "add"}),
    "forward": lambda t: (f"/groups/{t.group}/messages/{t.message}/forward", {"groupId": t.group}),
    "mark read": lambda t: (f"/groups/{t.group}/read", {"seq": "1"}),
    "follow a thread": lambda t: (f"/groups/{t.group}/threads/{t.message}/follow", {}),
    "stop to follow a thread": lambda t: (f"/groups/{t.group}/threads/{t.message}/unfollow", {}),
    "rename": lambda t: (f"/groups/{t.group}/rename", {"name": "Mine"}),
    "add someone": lambda t: (f"/groups/{t.group}/members/add", {"userId": t.user}),
    "remove someone": lambda t: (f"/groups/{t.group}/members/remove", {"userId": t.user}),
    "change a role": lambda t: (f"/groups/{t.group}/members/role", {"userId": t.user, "role": "owner"}),
    "leave": lambda t: (f"/groups/{t.group}/leave", {}),
}
KEPT_EVENTS: list[tuple[str, Callable[[Target], dict[str, Any]]]] = [
    ("thread_sync", lambda t: {"groupId": t.group}),
    ("thread_sync", lambda t: {"groupId": t.group, "since": 0}),
    ("thread_sync", lambda t: {"groupId": t.group, "before": 2}),
    ("thread_sync", lambda t: {"groupId": t.group, "parentId": t.message, "before": 9}),
    ("thread_sync", lambda t: {"groupId": t.group, "parentId": t.message}),
    ("thread_typing", lambda t: {"groupId": t.group, "typing": True}),
    ("thread_typing", lambda t: {"groupId": t.group, "typing": False}),
    ("thread_read", lambda t: {"groupId": t.group, "seq": 1}),
    ("mark_unread", lambda t: {"messageId": t.message}),
    ("thread_follow", lambda t: {"messageId": t.message, "following": True}),
    ("thread_follow", lambda t: {"messageId": t.message, "following": False}),
    ("thread_sync", lambda t: {"groupId": t.group, "around": t.message}),
    ("thread_sync", lambda t: {"groupId": t.group, "around": "unread"}),
    ("thread_sync", lambda t: {"groupId": t.group, "after": 1}),
    ("pin", lambda t: {"messageId": t.message, "action": "add"}),
    ("save_message", lambda t: {"messageId": t.message, "action": "add"}),
    ("draft", lambda t: {"groupId": t.group, "content": "let me in"}),
    ("draft", lambda t: {"groupId": t.group, "parentId": t.message, "content": "let me in"}),
    ("quote", lambda t: {"messageId": t.message}),
    ("message_history", lambda t: {"messageId": t.message}),
    ("forward_message", lambda t: {"messageId": t.message, "groupId": t.group}),
]
