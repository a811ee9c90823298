"""What every entry point answers about what a message said before it was edited."""

from .entry_points import OK
from .parity_case import Case


def read_by(actor: str, expected: str) -> list[Case]:
    return [Case(actor, "history", {"messageId": "$bob's"}, expected)]


READING_CASES = [
    Case("bob", "history", {"messageId": "$bob's"}),
    Case("alice", "history", {"messageId": "$bob's"}, OK),
    Case("bob", "history", {"messageId": "$alice's"}, "forbidden"),
    Case("bob", "history", {"messageId": "$reply"}),
    Case("alice", "history", {"messageId": "$deleted"}, "gone"),
    Case("bob", "history", {"messageId": "$absent"}, "not_found"),
    Case("bob", "history", {"messageId": "$not_a_message"}, "not_found"),
    Case("bob", "history", {"messageId": "nonsense"}, "not_found"),
]
