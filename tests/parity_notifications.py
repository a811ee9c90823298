"""What every entry point answers about how somebody is told of messages, and why they were told, or not."""

from .entry_points import OK
from .parity_case import Case


def told_by(actor: str, expected: str) -> list[Case]:
    """Asking why one was told of messages, by someone who may read none of them."""
    return [
        Case(actor, "why", {"messageId": "$bob's"}, expected),
        Case(actor, "why", {"messageId": "$deleted"}, expected),
        Case(actor, "why", {"messageId": "$reply"}, expected),
    ]


def _set(expected: str = OK, **changes: object) -> Case:
    return Case("bob", "notification_settings", changes, expected)


NOTIFICATION_CASES = [
    _set(push=True),
    _set(push=False),
    _set(mail=False),
    _set(quietFrom="22:00", quietUntil="07:00"),
    _set("invalid", quietFrom="22:00", quietUntil="22:00"),
    _set("invalid", quietFrom="22:00"),
    _set("invalid", quietFrom="24:00", quietUntil="07:00"),
    _set("invalid", quietFrom="7:00", quietUntil="08:00"),
    _set("invalid", quietFrom="²²:00", quietUntil="08:00"),
    _set("invalid", quietFrom="later than now", quietUntil="08:00"),
    _set("invalid", push="perhaps"),
    # This server sends none.
    _set("invalid", mail=True),
    _set("invalid"),
    Case("nobody", "notification_settings", {"push": True}, "unauthenticated"),
    Case("bob", "why", {"messageId": "$alice's"}),
    Case("bob", "why", {"messageId": "$bob's"}),
    Case("alice", "why", {"messageId": "$reply"}),
    Case("bob", "why", {"messageId": "$deleted"}),
    Case("bob", "why", {"messageId": "$absent"}, "not_found"),
    Case("bob", "why", {"messageId": "$not_a_message"}, "not_found"),
    Case("bob", "why", {"messageId": "nonsense"}, "not_found"),
    Case("bob", "why", {"messageId": "x" * 129}, "invalid"),
]
