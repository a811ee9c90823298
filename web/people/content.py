"""The members panel: the group's members, and which of them the viewer may remove or give another role."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.errors import Invalid, NotFound
from groups import selectors as groups
from groups.access import is_manager, may, may_invite, require_role_changer
from groups.policy import RENAME
from groups.summary import GroupSummary
from users.actor import Actor
from users.names import distinct_names
from web.conversation.content import Viewer
from web.own_settings.content import own_settings_context
from web.panel import Panel, PanelLoader

_ROLE_ORDER = {"owner": 0, "admin": 1}
_OTHER_ROLE = {"member": "admin", "admin": "member"}


async def members_panel(actor: Actor, group: GroupSummary, cursor: str | None = None) -> Panel:
    """Load a page of the members: the first, or the one after `cursor`."""
    page = await groups.list_members(actor=actor, group_id=group.id, cursor=cursor)

    def context(viewer: Viewer) -> dict[str, Any]:
        labels = distinct_names({member.user_id: viewer.name(member.user_id) for member in page.members})
        rows = [_member_row(group, viewer, member.user_id, member.role) for member in page.members]
        for row in rows:
            # Beside the name, from which the avatar is made.
            row["tag"] = labels[row["user_id"]].removeprefix(row["name"])
        rows.sort(key=lambda row: (_role_order(row["role"]), row["name"].casefold()))
        return {
            "key": "members",
            "title": _("Members") if group.kind != "direct" else _("Details"),
            "template": "web/people/panel.html",
            "members": rows,
            "next_cursor": page.next_cursor,
            # What will probably be permitted; the page says.
            "may_invite": group.group is not None and may_invite(group.group, group.role),
            "may_rename": _may(group, RENAME),
            "may_picture": _is_open(group) and is_manager(group.role),
            "own": own_settings_context(group.own),
        }

    return Panel(context, user_ids={member.user_id for member in page.members})


def ownership_panel(user_id: str) -> PanelLoader:
    """Return the loader of the question whether this member is to own the group; only its owner is asked."""

    async def load(actor: Actor, group: GroupSummary) -> Panel:
        require_role_changer(group.role)
        if user_id == actor.user_id:
            raise Invalid("You own the group already.")
        if not await groups.members_among(group_id=group.id, user_ids=[user_id]):
            raise NotFound("That user is not a member of the group.")

        def context(viewer: Viewer) -> dict[str, Any]:
            return {
                "key": f"owner:{user_id}",
                "title": _("Give the group away"),
                "template": "web/people/ownership.html",
                "user_id": user_id,
                "name": viewer.name(user_id),
            }

        return Panel(context, user_ids={user_id})

    return load


def _may(group: GroupSummary, act: str) -> bool:
    return _is_open(group) and may(group.rules.policy, act, group.role)


def _is_open(group: GroupSummary) -> bool:
    return group.kind != "direct" and not group.rules.is_archived


def _role_order(role: str) -> int:
    return _ROLE_ORDER.get(role, 2)


def _member_row(group: GroupSummary, viewer: Viewer, user_id: str, role: str) -> dict[str, Any]:
    """Return a member's row: {user_id, name, role, removable, other_role}; `tag` is added by the panel.

    It offers what will probably be permitted; the services decide.
    """
    is_manageable = user_id != viewer.actor.user_id and _is_open(group)
    has_lower_role = (group.role == "owner" and role != "owner") or (group.role == "admin" and role == "member")
    return {
        "user_id": user_id,
        "name": viewer.name(user_id),
        "role": role,
        "removable": is_manageable and has_lower_role,
        # The role that one press gives them; the owner's is given by a question.
        "other_role": _OTHER_ROLE.get(role) if is_manageable and group.role == "owner" else None,
    }
