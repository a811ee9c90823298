"""The roles of people in the workspace, from the least to the most; who may change them, `workspace.roles` says."""

from .administrators import is_named

GUEST, MEMBER, ADMIN, OWNER = ROLES = ("guest", "member", "admin", "owner")
RANK = {role: rank for rank, role in enumerate(ROLES)}


def role_of(user_id: str, stored: str | None) -> str:
    """Return the role of somebody with this one in their row, None for none: whom ADMINS names is an admin at least."""
    role = stored if stored in RANK else MEMBER
    return ADMIN if RANK[role] < RANK[ADMIN] and is_named(user_id) else role


def is_administrator(role: str) -> bool:
    return RANK[role] >= RANK[ADMIN]
