"""What every entry point answers about messages to be sent and reminders."""

from .entry_points import OK
from .parity_case import Case

_LONG = "x" * 10_000
_ABSENT_GROUP = "group_0000000000000000"


def _schedule(actor: str, expected: str = OK, **more: object) -> Case:
    return Case(actor, "schedule", {"groupId": "$group", "content": "later", "at": "$in a day", **more}, expected)


def _remind(actor: str, expected: str = OK, **more: object) -> Case:
    return Case(actor, "remind", {"messageId": "$alice's", **more}, expected)


def planned_by(actor: str, expected: str) -> list[Case]:
    """Everything that may be planned, by someone actor may do none of it."""
    return [
        _schedule(actor, expected),
        _schedule(actor, expected, parentId="$alice's"),
        _remind(actor, expected, when="1_hour"),
        _remind(actor, expected, at="$in a day"),
        *_of_bob(actor, expected),
    ]


def _of_bob(actor: str, expected: str) -> list[Case]:
    """What may be done with what bob has planned."""
    return [
        Case(actor, "change_scheduled", {"scheduledId": "$scheduled", "content": "mine"}, expected),
        Case(actor, "cancel_scheduled", {"scheduledId": "$scheduled"}, expected),
        Case(actor, "cancel_reminder", {"reminderId": "$reminder"}, expected),
    ]


PLANNED_CASES = [
    # An owner of the group is not the author.
    *_of_bob("alice", "not_found"),
    _schedule("bob"),
    _schedule("bob", content=_LONG),
    _schedule("bob", parentId="$alice's"),
    _schedule("bob", at="$wall in a day", timeZone="Asia/Kathmandu"),
    _schedule("bob", "invalid", at="$wall in a day"),
    _schedule("bob", "invalid", at="$wall in a day", timeZone="Mars/Olympus"),
    _schedule("bob", "invalid", at="2001-01-01T09:00:00Z"),
    _schedule("bob", "invalid", at="2999-01-01T09:00:00Z"),
    _schedule("bob", "invalid", at="0001-01-01T00:00", timeZone="Asia/Tokyo"),
    _schedule("bob", "invalid", at="9999-12-31T23:59", timeZone="America/New_York"),
    _schedule("bob", "invalid", at="tomorrow"),
    _schedule("bob", "invalid", content=_LONG + "x"),
    _schedule("bob", "invalid", content="\u200b"),
    _schedule("bob", "not_found", parentId="$reply"),
    _schedule("bob", "not_found", parentId="$absent"),
    _schedule("bob", "not_found", groupId=_ABSENT_GROUP),
    _schedule("bob", "forbidden", groupId="$quiet"),
    _schedule("bob", "forbidden", groupId="$archived"),
    Case("bob", "change_scheduled", {"scheduledId": "$scheduled", "content": "better"}),
    Case("bob", "change_scheduled", {"scheduledId": "$scheduled", "at": "$in a day"}),
    Case("bob", "change_scheduled", {"scheduledId": "$scheduled", "content": "x", "ifVersion": 99}, "version_conflict"),
    Case("bob", "change_scheduled", {"scheduledId": "$scheduled"}, "invalid"),
    Case("bob", "change_scheduled", {"scheduledId": "$scheduled", "at": "2001-01-01T09:00:00Z"}, "invalid"),
    Case("bob", "change_scheduled", {"scheduledId": "nonsense", "content": "x"}, "not_found"),
    Case("bob", "cancel_scheduled", {"scheduledId": "nonsense"}, "not_found"),
    Case("bob", "cancel_scheduled", {"scheduledId": "x" * 129}, "invalid"),
    _remind("bob", when="20_minutes"),
    _remind("bob", at="$in a day"),
    _remind("bob", when="tomorrow", timeZone="Europe/Berlin"),
    _remind("bob", "invalid", when="tomorrow"),
    _remind("bob", "invalid", when="never"),
    _remind("bob", "invalid"),
    _remind("bob", "invalid", when="1_hour", at="$in a day"),
    _remind("bob", "invalid", at="2001-01-01T09:00:00Z"),
    _remind("bob", "gone", messageId="$deleted", when="1_hour"),
    _remind("bob", "not_found", messageId="$absent", when="1_hour"),
    _remind("bob", "not_found", messageId="$not_a_message", when="1_hour"),
    Case("bob", "cancel_reminder", {"reminderId": "nonsense"}, "not_found"),
]
