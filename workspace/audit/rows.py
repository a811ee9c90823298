"""The rows of the audit log in the Users table.

| userId | item | what it is |
|---|---|---|
| `audit#<day>` | `<time>#<tag>` | an act of that day |
| `audit#` | `<day>` | there are acts of that day |

No user's id has a `#`.
"""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.connection import TableConnection

from dynamodb import store
from users.models import UserRow

DAYS = "audit#"


class AuditRow(store.Table):
    """One of the rows above; that of a day has nothing more."""

    class Meta(UserRow.Meta):
        pass

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    item = UnicodeAttribute(range_key=True)
    act = UnicodeAttribute(null=True)
    by = UnicodeAttribute(null=True, attr_name="madeBy")
    about: JSONAttribute = JSONAttribute(null=True)
    # What it is about, to be searched for.
    about_ids = UnicodeSetAttribute(null=True, attr_name="aboutIds")
    session = UnicodeAttribute(null=True, attr_name="sessionId")
    address = UnicodeAttribute(null=True)
    times = NumberAttribute(null=True)
    until = UnicodeAttribute(null=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        """Return that of the table's own description, which has its index: a table is described once."""
        return UserRow._get_connection()


def partition_of(day: str) -> str:
    return f"{DAYS}{day}"
