"""The rows of the audit log in the Users table.

| userId | item | what it is |
|---|---|---|
| `audit#<day>` | `<time>#<tag>` | an act of that day |
| `audit#` | `<day>` | there are acts of that day |

No user's id has a `#`.
"""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from users.rows import UsersTableRow

DAYS = "audit#"


class AuditRow(UsersTableRow):
    """One of the rows above; that of a day has nothing more."""

    act = UnicodeAttribute(null=True)
    by = UnicodeAttribute(null=True, attr_name="madeBy")
    about: JSONAttribute = JSONAttribute(null=True)
    # What it is about, to be searched for.
    about_ids = UnicodeSetAttribute(null=True, attr_name="aboutIds")
    session = UnicodeAttribute(null=True, attr_name="sessionId")
    address = UnicodeAttribute(null=True)
    times = NumberAttribute(null=True)
    until = UnicodeAttribute(null=True)


def partition_of(day: str) -> str:
    return f"{DAYS}{day}"
