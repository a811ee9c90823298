"""The row of the workspace in the Users table: `settings`, in the partition `workspace#`."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import TableConnection

from dynamodb import store
from users.models import UserRow

WORKSPACE, SETTINGS = "workspace#", "settings"


class WorkspaceRow(store.Table):
    """The settings; `version` counts their changes. Each of the others is missing while nobody has chosen it."""

    class Meta(UserRow.Meta):
        pass

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    item = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute(null=True)
    logo_id = UnicodeAttribute(null=True, attr_name="logoId")
    make_groups = UnicodeAttribute(null=True, attr_name="makeGroups")
    invite_people = UnicodeAttribute(null=True, attr_name="invitePeople")
    upload_files = UnicodeAttribute(null=True, attr_name="uploadFiles")
    version = NumberAttribute(null=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        """Return that of the table's own description, which has its index: a table is described once."""
        return UserRow._get_connection()
