"""What every entry point answers about the settings of a group, its archive, the directory, and joining."""

from typing import Any

from .entry_points import OK
from .parity_case import Case

ABSENT_GROUP = "group_0000000000000000"
_SETTINGS = (
    {"topic": "Mine"},
    {"name": "Mine", "description": "All of it"},
    {"visibility": "public"},
    {"policy": {"post": "owner"}},
    {"archived": True},
    {"archived": False},
)


def place_by(actor: str, expected: str) -> list[Case]:
    """Every operation on a group as a place, by someone who may do none of them."""
    return [
        *(Case(actor, "change_group", {"place": "$group", **changes}, expected) for changes in _SETTINGS),
        Case(actor, "join", {"place": "$group"}, expected),
    ]


PLACE_CASES = [
    # --- settings ----------------------------------------------------------------------------------------------------
    Case("alice", "change_group", {"place": "$group", "topic": "$nonce"}, OK, stores=1),
    Case(
        "alice", "change_group", {"place": "$group", "topic": "$nonce", "description": "Ships\nand men"}, OK, stores=1
    ),
    Case("alice", "change_group", {"place": "$group", "policy": {"pin": "everyone"}}, OK, stores=0),
    Case("alice", "change_group", {"place": "$group", "archived": False}, OK, stores=0),
    Case("alice", "change_group", {"place": "$group", "visibility": "private"}, OK, stores=0),
    Case("alice", "change_group", {"place": "$group", "name": " "}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "name": "x" * 81}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "topic": "x" * 251}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "topic": "a\nb"}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "topic": "a\u202eb"}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "topic": "q" + "\u0301" * 7}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "description": "x" * 1001}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "description": "a\u200bb"}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "description": "a\u2028b"}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "visibility": "secret"}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "policy": {"post": "nobody"}}, "invalid"),
    Case("alice", "change_group", {"place": "$group", "policy": {"pin": "owner"}}, "invalid"),
    Case("bob", "change_group", {"place": ABSENT_GROUP, "topic": "Tides"}, "not_found"),
    *[Case("bob", "change_group", {"place": "$group", **changes}, "forbidden") for changes in _SETTINGS],
    # --- the directory -----------------------------------------------------------------------------------------------
    Case("charlie", "directory", {"q": "harbour"}),
    Case("charlie", "directory", {}),
    Case("charlie", "directory", {"q": "\u0130\u200b"}),
    Case("charlie", "directory", {"q": "x" * 65}, "invalid"),
    Case("charlie", "directory", {"cursor": "nonsense!"}, "invalid"),
    Case("charlie", "directory", {"q": "h", "limit": 51}, "invalid"),
    Case("nobody", "directory", {}, "unauthenticated"),
    Case("bob", "join", {"place": "$group"}, "ok", stores=0),
    Case("charlie", "join", {"place": "$public"}),
    Case("charlie", "join", {"place": "$public"}),
    Case("charlie", "join", {"place": ABSENT_GROUP}, "not_found"),
    Case("bob", "create_group", {"name": "Port", "visibility": "public"}),
    Case("bob", "create_group", {"name": "Port", "visibility": "secret"}, "invalid"),
    # --- a group that only its owner posts in, and an archived one ---------------------------------------------------
    Case("bob", "send", {"groupId": "$quiet", "content": "hello"}, "forbidden"),
    Case("bob", "send", {"groupId": "$archived", "content": "hello"}, "forbidden"),
    Case("alice", "send", {"groupId": "$archived", "content": "hello"}, "forbidden"),
    Case("alice", "edit", {"messageId": "$archived_message", "content": "other"}, "forbidden"),
    Case("alice", "delete", {"messageId": "$archived_message"}, "forbidden"),
    Case("bob", "react", {"messageId": "$archived_message", "emoji": "👍", "action": "add"}, "forbidden"),
    Case("bob", "pin", {"messageId": "$archived_message", "action": "add"}, "forbidden"),
    Case("bob", "forward", {"messageId": "$alice's", "groupId": "$archived"}, "forbidden"),
    Case("bob", "list", {"groupId": "$archived"}),
    Case("bob", "mark_read", {"groupId": "$archived", "seq": 1}),
    Case("alice", "change_group", {"place": "$archived", "topic": "Tides"}, "forbidden"),
    Case("charlie", "join", {"place": "$archived"}, "not_found"),
]

# Valid bodies, of which one field at a time is spoiled.
PLACE_REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/api/groups/$group"): {
        "name": "x",
        "topic": "x",
        "description": "x",
        "visibility": "private",
        "archived": False,
        "policy": {"post": "everyone", "mentionAll": "everyone"},
    },
    ("POST", "/api/groups/$group/join"): {"x": "x"},
}
