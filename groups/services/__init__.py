"""The actions on groups and their members: each function checks, writes and publishes one of them.

The rules that depend on the log's end, roles above all, are in `proposals`. Each function raises `Unavailable` while
DynamoDB is down.
"""

from .adding_teams import add_teams
from .changing import change_group, rename_group, require_picture_manager, set_picture
from .creating import create_direct, create_group
from .members import add_members, change_role, join_group, leave_group, rejoin_group, remove_member
from .reading import advance_read_mark
from .storing import store_group

__all__ = [
    "add_members",
    "add_teams",
    "advance_read_mark",
    "change_group",
    "change_role",
    "create_direct",
    "create_group",
    "join_group",
    "leave_group",
    "rejoin_group",
    "remove_member",
    "rename_group",
    "require_picture_manager",
    "set_picture",
    "store_group",
]
