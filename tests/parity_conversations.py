"""What every entry point answers about conversations without a name, links to groups and invitations."""

from .entry_points import OK
from .parity_case import Case

_LINK = "group_0000000000000000~invite_0.nonsense"


def joining_by(actor: str, expected: str) -> list[Case]:
    """What somebody attempts who may do nothing in the group."""
    return [
        Case(actor, "make_link", {"linked": "$group"}, expected),
        Case(actor, "revoke_link", {"linked": "$group", "linkId": "nonsense"}, expected),
    ]


CONVERSATION_CASES = [
    *joining_by("charlie", "not_found"),
    *joining_by("bob", "forbidden"),
    *joining_by("nobody", "unauthenticated"),
    # --- conversations -----------------------------------------------------------------------------------------------
    Case("bob", "direct", {"userId": "$alice_id"}),
    Case("bob", "direct", {"userId": "$bob_id"}),
    Case("bob", "direct", {"userIds": ["$alice_id", "$charlie_id"]}, OK),
    Case("bob", "direct", {"userIds": ["user_nobody", "user_none"]}, "invalid"),
    Case("bob", "direct", {"userIds": [f"user_{number}" for number in range(21)]}, "invalid"),
    Case("bob", "direct", {"userIds": ["x" * 129, "y"]}, "invalid"),
    Case("bob", "direct", {"userId": "user_nobody"}, "invalid"),
    Case("bob", "direct", {"userId": "$wary_id"}, "forbidden"),
    Case("bob", "direct", {"userIds": ["$alice_id", "$wary_id"]}, "forbidden"),
    Case("nobody", "direct", {"userId": "$alice_id"}, "unauthenticated"),
    # --- links -------------------------------------------------------------------------------------------------------
    Case("alice", "make_link", {"linked": "$group", "uses": 2, "note": "for the harbour"}),
    Case("alice", "make_link", {"linked": "$group", "uses": 0}, "invalid"),
    Case("alice", "make_link", {"linked": "$group", "uses": 1001}, "invalid"),
    Case("alice", "make_link", {"linked": "$group", "note": "a\u200bb"}, "invalid"),
    Case("alice", "make_link", {"linked": "$group", "note": "x" * 101}, "invalid"),
    Case("alice", "make_link", {"linked": "group_0000000000000000"}, "not_found"),
    Case("alice", "revoke_link", {"linked": "$group", "linkId": "nonsense"}, "not_found"),
    Case("bob", "use_link", {"link": "$link"}, OK, stores=0),
    Case("charlie", "use_link", {"link": _LINK}, "not_found"),
    Case("charlie", "use_link", {"link": "nonsense"}, "not_found"),
    Case("charlie", "use_link", {"link": "x" * 201}, "invalid"),
    Case("nobody", "use_link", {"link": _LINK}, "unauthenticated"),
    # --- what one is asked, and who may ask --------------------------------------------------------------------------
    Case("bob", "decline", {"declined": "$group"}),
    Case("bob", "decline", {"declined": "nonsense"}),
    Case("bob", "decline", {"declined": "x" * 129}, "invalid"),
    Case("nobody", "decline", {"declined": "$group"}, "unauthenticated"),
    Case("bob", "privacy", {"addableBy": "everyone"}),
    Case("bob", "privacy", {"addableBy": "friends"}, "invalid"),
    Case("nobody", "privacy", {"addableBy": "known"}, "unauthenticated"),
    Case("bob", "preferences", {"theme": "dark", "enterKey": "newline"}),
    Case("bob", "preferences", {"theme": "pink"}, "invalid"),
    Case("bob", "preferences", {"enterKey": "explode"}, "invalid"),
    Case("bob", "preferences", {"language": "tlh"}, "invalid"),
    Case("nobody", "preferences", {"theme": "dark"}, "unauthenticated"),
]
