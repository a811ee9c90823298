"""What every entry point answers about pins, saved messages, drafts, quotes, and pages around a message."""

from .entry_points import OK
from .parity_case import Case

LONG = "x" * 10_000
ABSENT_GROUP = "group_0000000000000000"
_FORWARD = {"messageId": "$alice's", "groupId": "$group"}


def kept_by(actor: str, expected: str) -> list[Case]:
    """Every operation on what is kept, by someone actor may do none of them."""
    return [
        Case(actor, "pin", {"messageId": "$bob's", "action": "add"}, expected),
        Case(actor, "pin", {"messageId": "$deleted", "action": "remove"}, expected),
        Case(actor, "save", {"messageId": "$bob's", "action": "add"}, expected),
        Case(actor, "save", {"messageId": "$bob's", "action": "remove"}, expected),
        Case(actor, "quote", {"messageId": "$bob's"}, expected),
        Case(actor, "forward", {"messageId": "$bob's", "groupId": "$group"}, expected),
        Case(actor, "draft", {"groupId": "$group", "content": "x"}, expected),
        Case(actor, "draft", {"groupId": "$group", "parentId": "$alice's", "content": ""}, expected),
        Case(actor, "list", {"groupId": "$group", "around": "$alice's"}, expected),
        Case(actor, "list", {"groupId": "$group", "around": "unread"}, expected),
        Case(actor, "list", {"groupId": "$group", "after": 1}, expected),
    ]


KEPT_CASES = [
    # --- pins --------------------------------------------------------------------------------------------------------
    Case("bob", "pin", {"messageId": "$new alice", "action": "add"}),
    Case("bob", "pin", {"messageId": "$bob's", "action": "remove"}, OK, stores=0),
    Case("bob", "pin", {"messageId": "$bob's", "action": "toggle"}, "invalid"),
    Case("bob", "pin", {"messageId": "$deleted", "action": "add"}, "gone"),
    Case("bob", "pin", {"messageId": "$absent", "action": "add"}, "not_found"),
    Case("bob", "pin", {"messageId": "$not_a_message", "action": "add"}, "not_found"),
    Case("bob", "pin", {"messageId": "nonsense", "action": "add"}, "not_found"),
    # --- saved messages ----------------------------------------------------------------------------------------------
    Case("bob", "save", {"messageId": "$alice's", "action": "add"}),
    Case("bob", "save", {"messageId": "$alice's", "action": "remove"}),
    Case("bob", "save", {"messageId": "$alice's", "action": "toggle"}, "invalid"),
    Case("bob", "save", {"messageId": "$deleted", "action": "add"}, "gone"),
    Case("bob", "save", {"messageId": "$absent", "action": "add"}, "not_found"),
    Case("bob", "save", {"messageId": "$not_a_message", "action": "add"}, "not_found"),
    # --- drafts ------------------------------------------------------------------------------------------------------
    Case("bob", "draft", {"groupId": "$group", "content": LONG}),
    Case("bob", "draft", {"groupId": "$group", "content": ""}),
    Case("bob", "draft", {"groupId": "$group", "parentId": "$alice's", "content": "x"}),
    Case("bob", "draft", {"groupId": "$group", "content": "late", "ifVersion": 1}, "version_conflict"),
    Case("bob", "draft", {"groupId": "$group", "content": "late", "ifVersion": -1}, "invalid"),
    Case("bob", "draft", {"groupId": "$group", "content": LONG + "x"}, "invalid"),
    Case("bob", "draft", {"groupId": "$group"}, "invalid"),
    Case("bob", "draft", {"groupId": "$group", "parentId": "$reply", "content": "x"}, "not_found"),
    Case("bob", "draft", {"groupId": "$group", "parentId": "$absent", "content": "x"}, "not_found"),
    Case("bob", "draft", {"groupId": ABSENT_GROUP, "content": "x"}, "not_found"),
    # --- quotes ------------------------------------------------------------------------------------------------------
    Case("bob", "quote", {"messageId": "$alice's"}),
    Case("bob", "quote", {"messageId": "$reply"}),
    Case("bob", "quote", {"messageId": "$deleted"}, "gone"),
    Case("bob", "quote", {"messageId": "$absent"}, "not_found"),
    Case("bob", "forward", {"messageId": "$alice's", "groupId": "$group"}),
    Case("bob", "forward", {"messageId": "$alice's", "groupId": "$group", "content": "<!all> look"}),
    Case("bob", "forward", {"messageId": "$alice's", "groupId": "$group", "clientId": "$nonce"}),
    Case(
        "bob", "forward", {"messageId": "$alice's", "groupId": "$group", "clientId": "$taken"}, "idempotency_conflict"
    ),
    Case("bob", "forward", {"messageId": "$alice's", "groupId": "$group", "clientId": "x" * 65}, "invalid"),
    Case("bob", "forward", {"messageId": "$alice's", "groupId": "$group", "content": LONG}, "invalid"),
    Case("bob", "forward", {"messageId": "$alice's", "groupId": ABSENT_GROUP}, "not_found"),
    Case("bob", "forward", {"messageId": "$deleted", "groupId": "$group"}, "gone"),
    Case("bob", "forward", {"messageId": "$absent", "groupId": "$group"}, "not_found"),
    # --- pages -------------------------------------------------------------------------------------------------------
    Case("bob", "list", {"groupId": "$group", "around": "$alice's"}),
    Case("bob", "list", {"groupId": "$group", "around": "$reply"}),
    Case("bob", "list", {"groupId": "$group", "around": "$deleted"}),
    Case("bob", "list", {"groupId": "$group", "around": "unread"}),
    Case("bob", "list", {"groupId": "$group", "after": 1}),
    Case("bob", "list", {"groupId": "$group", "after": 10**9}),
    Case("bob", "list", {"groupId": "$group", "after": -1}, "invalid"),
    Case("bob", "list", {"groupId": "$group", "around": "x" * 129}, "invalid"),
    Case("bob", "list", {"groupId": "$group", "around": "unread", "before": 3}, "invalid"),
    Case("bob", "list", {"groupId": "$group", "around": "$absent"}, "not_found"),
    Case("bob", "list", {"groupId": "$group", "around": "$not_a_message"}, "not_found"),
    Case("bob", "list", {"groupId": "$group", "around": "nonsense"}, "not_found"),
]
