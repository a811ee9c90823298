"""The row of the workspace in the Users table: `settings`, in the partition `workspace#`."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from users.rows import UsersTableRow

WORKSPACE, SETTINGS = "workspace#", "settings"


class WorkspaceRow(UsersTableRow):
    """The settings; `version` counts their changes. Each of the others is missing while nobody has chosen it."""

    name = UnicodeAttribute(null=True)
    logo_id = UnicodeAttribute(null=True, attr_name="logoId")
    make_groups = UnicodeAttribute(null=True, attr_name="makeGroups")
    invite_people = UnicodeAttribute(null=True, attr_name="invitePeople")
    upload_files = UnicodeAttribute(null=True, attr_name="uploadFiles")
    version = NumberAttribute(null=True)
