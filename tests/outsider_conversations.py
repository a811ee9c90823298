"""What an outsider attempts of links to a group."""

from collections.abc import Callable

from .outsider_attempts import Request, Target, json_body

CONVERSATION_REQUESTS: dict[str, Request] = {
    "list the links": lambda t: ("GET", f"/api/groups/{t.group}/invitation-links", {}),
    "make a link": lambda t: ("POST", f"/api/groups/{t.group}/invitation-links", json_body(uses=5)),
    "revoke a link": lambda t: ("DELETE", f"/api/groups/{t.group}/invitation-links/invite_1", {}),
    "guess a link": lambda t: ("POST", "/api/invitation-links/use", json_body(link=f"{t.group}~invite_1.{'x' * 43}")),
    "look where it leads": lambda t: (
        *("POST", "/api/invitation-links/read"),
        json_body(link=f"{t.group}~invite_1.{'x' * 43}"),
    ),
}
CONVERSATION_PAGES: dict[str, Callable[[Target], str]] = {
    "the links": lambda t: f"/groups/{t.group}/invitations",
    "where a guessed link leads": lambda t: f"/invite?link={t.group}~invite_1.{'x' * 43}",
}
CONVERSATION_FORMS: dict[str, Callable[[Target], tuple[str, dict[str, str]]]] = {
    "make a link": lambda t: (f"/groups/{t.group}/invitations/make", {"uses": "5"}),
    "revoke a link": lambda t: (f"/groups/{t.group}/invitations/invite_1/revoke", {}),
    "join by a guessed link": lambda t: ("/invite", {"link": f"{t.group}~invite_1.{'x' * 43}"}),
}
