"""Valid input about what somebody has of a group for themselves, of which any field is then replaced with anything."""

from typing import Any

OWN_EVENTS: dict[str, dict[str, Any]] = {
    "group_settings": {
        "groupId": "$group",
        "level": "all",
        "muted": True,
        "mutedUntil": "2999-01-01T00:00:00Z",
        "favourite": True,
        "sectionId": None,
    },
    "sections": {"sections": [{"name": "x", "id": None, "collapsed": False}], "ifVersion": 0},
}
OWN_REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/api/groups/$group/me"): OWN_EVENTS["group_settings"],
    ("PUT", "/api/users/me/sections"): OWN_EVENTS["sections"],
}
OWN_LISTS: dict[str, tuple[str, ...]] = {
    f"/api/{whose}/picture": ("size", "v") for whose in ("groups/$group", "users/x")
}
