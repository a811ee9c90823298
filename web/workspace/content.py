"""What the page of the workspace shows."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import keeps_accounts
from foundation.errors import AppError
from users import selectors as users
from users.actor import Actor
from users.roles import RANK
from users.selectors import UserPage
from users.user import User
from web.said import in_one
from workspace import policies, roles, selectors
from workspace import settings as chosen

_SHOWN = 20
# What each setting and each of its values is called.
_SETTINGS = {
    chosen.MAKE_GROUPS: ("makeGroups", _("Make groups"), chosen.AUDIENCES),
    chosen.INVITE_PEOPLE: ("invitePeople", _("Invite people"), chosen.AUDIENCES_OF_INVITATIONS),
    chosen.UPLOAD_FILES: ("uploadFiles", _("Upload files"), chosen.AUDIENCES),
}
_AUDIENCES = {
    chosen.EVERYONE: _("Everyone"),
    chosen.MEMBERS: _("Everyone but guests"),
    chosen.ADMINS: _("Owners and admins"),
}


async def workspace_context(
    actor: Actor,
    *,
    search: str = "",
    cursor: tuple[str, ...] | None = None,
    out: tuple[str, ...] | None = None,
    problem: AppError | None = None,
    made: str = "",
) -> dict[str, Any]:
    """Return the context; with `search` and `cursor` some of the people, with `out` more of who is deactivated.

    `made` is the address of an invitation, which is shown this once.
    """
    current = await policies.get_current()
    context = {
        "actor": actor,
        "settings": [_setting(act, current.audiences[act]) for act in _offered()],
        "named": "" if current.name == chosen.NAME else current.name,
        "problem": in_one(problem),
        "search": search,
        "may_invite": keeps_accounts() and await policies.may(actor, chosen.INVITE_PEOPLE),
        "made": made,
    }
    if not actor.is_administrator:
        return context
    people = await users.find_users(actor=actor, query=search, limit=_SHOWN, cursor=cursor)
    deactivated = await selectors.list_deactivated(actor=actor, limit=_SHOWN, cursor=out)
    return {**context, "people": _rows(actor, people), "deactivated": _rows(actor, deactivated)}


def _offered() -> list[str]:
    """Return what the settings permit on this server: elsewhere than with accounts nobody is invited."""
    return [act for act in _SETTINGS if act != chosen.INVITE_PEOPLE or keeps_accounts()]


def _setting(act: str, audience: str) -> dict[str, Any]:
    name, label, audiences = _SETTINGS[act]
    choices = [{"value": value, "label": _AUDIENCES[value], "chosen": value == audience} for value in audiences]
    return {"name": name, "label": label, "choices": choices, "value": _AUDIENCES[audience]}


def _rows(actor: Actor, page: UserPage) -> dict[str, Any]:
    return {"rows": [_row(actor, user) for user in page.users], "next_cursor": page.next_cursor}


def _row(actor: Actor, user: User) -> dict[str, Any]:
    """Return somebody with what the actor may do; the services decide."""
    given = roles.roles_to_give(actor, user)
    return {
        "user": user,
        "role": user.role,
        "roles": sorted({*given, user.role}, key=RANK.__getitem__) if set(given) - {user.role} else [],
        "may_deactivate": roles.may_deactivate(actor, user),
    }
