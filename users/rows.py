"""The base of the rows that others keep in the Users table, each with attributes of its own."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import TableConnection

from dynamodb import store

from .models import UserRow


class UsersTableRow(store.Table):
    """A row of the Users table beside `UserRow`, under the same key."""

    class Meta(UserRow.Meta):
        pass

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    item = UnicodeAttribute(range_key=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        """Return that of the table's own description, which has its index: a table is described once."""
        return UserRow._get_connection()
