"""Right input of requests about conversations, links to groups and who may add one, to be spoiled field by field."""

from typing import Any

CONVERSATION_INPUTS: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/groups"): {"name": "x", "memberIds": [], "clientId": None},
    ("POST", "/api/groups/direct"): {"userIds": ["x"]},
    ("POST", "/api/groups/$group/invitation-links"): {"expiresIn": 60, "uses": 1, "note": "x"},
    **{("POST", f"/api/invitation-links/{act}"): {"link": "$group~x.x"} for act in ("read", "use")},
    ("PATCH", "/api/users/me/privacy"): {"addableBy": "known"},
    ("PATCH", "/api/users/me/preferences"): {"theme": "dark", "enterKey": "send", "language": "de"},
}
