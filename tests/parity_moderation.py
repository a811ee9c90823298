"""Attempts to report messages: every entry point answers alike."""

from .entry_points import OK
from .parity_case import Case


def moderated_by(actor: str, expected: str) -> list[Case]:
    """Reporting, by someone actor may read none of the messages."""
    return [
        Case(actor, "report", {"messageId": "$bob's", "reason": "spam"}, expected),
        Case(actor, "report", {"messageId": "$deleted", "reason": "spam"}, expected),
    ]


MODERATION_CASES = [
    Case("bob", "report", {"messageId": "$new alice", "reason": "spam"}),
    Case("bob", "report", {"messageId": "$alice's", "reason": "threat", "text": "He <b>means</b> it.\n\u202e"}),
    Case("bob", "report", {"messageId": "$alice's", "reason": "other"}, OK, stores=0),
    Case("alice", "report", {"messageId": "$bob's", "reason": "other", "text": "x" * 1000}),
    Case("bob", "report", {"messageId": "$bob's", "reason": "spam"}, "invalid"),
    Case("bob", "report", {"messageId": "$alice's", "reason": "boredom"}, "invalid"),
    Case("bob", "report", {"messageId": "$alice's", "reason": "spam", "text": "x" * 1001}, "invalid"),
    Case("bob", "report", {"messageId": "$deleted", "reason": "spam"}, "gone"),
    Case("bob", "report", {"messageId": "$absent", "reason": "spam"}, "not_found"),
    Case("bob", "report", {"messageId": "$not_a_message", "reason": "spam"}, "not_found"),
    Case("bob", "report", {"messageId": "nonsense", "reason": "spam"}, "not_found"),
]
