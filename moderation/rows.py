"""The rows of moderation in the Users table.

| userId | item | what it is |
|---|---|---|
| `case#<id>` | `case` | a case: what it is about, how many have reported it, what was decided |
| `case#<id>` | `evidence` | what was reported, as it was at the first report |
| `case#<id>` | `report#<userId>` | who has reported it, why, and what it was like then if that differed |
| `cases#open`, `cases#decided` | `<time>#<id>` | a case, since when it is open or decided |
| `cases#evidence` | `<time>#<id>` | a case that was decided then, and whose evidence is still there |
| `reported#<thing>` | `open` | the open case of a thing |
| `reported#<thing>` | `report#<userId>` | who has reported it |
| a user's id | `notice#<id>` | what administrators have told the user |
| a user's id | `notices` | how many of these are unread |

A thing is `message:<id>` or `user:<id>`. No user's id has a `#`.
"""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from users.rows import UsersTableRow

CASE, EVIDENCE, REPORT, OPEN = "case", "evidence", "report#", "open"
OPEN_CASES, DECIDED_CASES, KEPT_EVIDENCE = "cases#open", "cases#decided", "cases#evidence"
NOTICE, NOTICES = "notice#", "notices"


class ModerationRow(UsersTableRow):
    """One of the rows above; each has a part of these attributes. Times are in the format of the wire."""

    at = UnicodeAttribute(null=True)
    case_id = UnicodeAttribute(null=True, attr_name="caseId")
    # case: what it is about, and whose that is
    thing = UnicodeAttribute(null=True)
    subject_id = UnicodeAttribute(null=True, attr_name="subjectId")
    state = UnicodeAttribute(null=True)
    reports = NumberAttribute(null=True)
    decision = UnicodeAttribute(null=True)
    decided_by = UnicodeAttribute(null=True, attr_name="decidedBy")
    decided_at = UnicodeAttribute(null=True, attr_name="decidedAt")
    note = UnicodeAttribute(null=True)
    # What is being done for it: nobody decides otherwise meanwhile.
    claim = UnicodeAttribute(null=True)
    claimed_at = UnicodeAttribute(null=True, attr_name="claimedAt")
    # evidence, report
    evidence: JSONAttribute = JSONAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    text = UnicodeAttribute(null=True)
    # notice
    read_at = UnicodeAttribute(null=True, attr_name="readAt")
    unread = NumberAttribute(null=True)


def case_partition(case_id: str) -> str:
    return f"case#{case_id}"


def thing_partition(thing: str) -> str:
    return f"reported#{thing}"


def listed(moment: str, case_id: str) -> str:
    """Return the item by which a case is listed."""
    return f"{moment}#{case_id}"
