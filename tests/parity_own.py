"""What every entry point answers about what a member has set of a group for themselves, and about sections."""

from .entry_points import OK
from .parity_case import Case

ABSENT_GROUP = "group_0000000000000000"


def own_by(actor: str, expected: str) -> list[Case]:
    """Every operation on one's own settings of a group, by someone who may do none of them."""
    return [
        Case(actor, "own_settings", {"groupId": "$group", "favourite": True}, expected),
        Case(actor, "own_settings", {"groupId": "$group", "level": "nothing"}, expected),
        Case(actor, "own_settings", {"groupId": "$group", "sectionId": "section_of_nobody"}, expected),
        Case(actor, "own_settings", {"groupId": "$group", "mutedUntil": "2001-01-01T00:00:00Z"}, expected),
    ]


def _own(expected: str = OK, **changes: object) -> Case:
    return Case("bob", "own_settings", {"groupId": "$group", **changes}, expected)


OWN_CASES = [
    _own(level="all"),
    _own(level="nothing", favourite=True),
    _own(level="mentions", favourite=False, muted=False),
    _own(muted=True),
    _own(muted=True, mutedUntil="2999-01-01T00:00:00+02:00"),
    _own(mutedUntil="2999-01-01T00:00:00Z"),
    _own(sectionId=""),
    _own("invalid", level="loud"),
    _own("invalid", favourite="perhaps"),
    _own("invalid", muted=1),
    _own("invalid", mutedUntil="2001-01-01T00:00:00Z"),
    _own("invalid", mutedUntil="tomorrow"),
    _own("invalid", muted=False, mutedUntil="2999-01-01T00:00:00Z"),
    _own("invalid", sectionId="section_of_nobody"),
    _own("invalid", sectionId="x" * 129),
    _own("invalid"),
    Case("bob", "own_settings", {"groupId": ABSENT_GROUP, "favourite": True}, "not_found"),
    # --- sections ----------------------------------------------------------------------------------------------------
    Case("alice", "sections", {"sections": [], "ifVersion": 0}),
    Case("alice", "sections", {"sections": [{"name": "x"}], "ifVersion": 7}, "version_conflict"),
    Case("bob", "sections", {"sections": [{"name": "x", "id": "section_of_nobody"}], "ifVersion": 0}, "invalid"),
    Case("bob", "sections", {"sections": [{"name": "x"}] * 51, "ifVersion": 0}, "invalid"),
    Case("bob", "sections", {"sections": [{"name": "\u200b"}], "ifVersion": 0}, "invalid"),
    Case("bob", "sections", {"sections": ["x"], "ifVersion": 0}, "invalid"),
    Case("bob", "sections", {"sections": []}, "invalid"),
    Case("nobody", "sections", {"sections": [], "ifVersion": 0}, "unauthenticated"),
]
