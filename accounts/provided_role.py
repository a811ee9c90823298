"""Which role in the workspace the provider's groups give somebody (OIDC_ROLES), each time they sign in by it."""

from collections.abc import Collection

from django.conf import settings

from users.roles import ADMIN, GUEST, MEMBER
from workspace.services import set_role_by_provider

# What the setting may give, the highest first. Nobody becomes an owner by it, and no owner anything else.
GIVEN = (ADMIN, MEMBER, GUEST)
# Stands for everybody.
EVERYBODY = "*"


def role_by(groups: Collection[str]) -> str:
    """Return the highest role that OIDC_ROLES has for one of these groups; whoever is in none of them is a member."""
    found = {role for name, role in settings.OIDC_ROLES.items() if name in groups}
    return next((role for role in GIVEN if role in found), settings.OIDC_ROLES.get(EVERYBODY, MEMBER))


def first_role(names_groups: bool) -> str | None:
    """Return the role with which an account is made, None for a member: where no groups are named, the lowest.

    `apply` raises nobody whose groups are not named, so that nobody gains by having the claim left out.
    """
    given = {MEMBER, *settings.OIDC_ROLES.values()}
    return None if names_groups or GUEST not in given else GUEST


async def apply(user_id: str, groups: frozenset[str] | None, *, names_groups: bool = True) -> None:
    """Give a user their role; nothing happens without OIDC_ROLES, or where the provider does not say which groups.

    Without a claim that names groups (`names_groups`) a role is lowered alone: the browser can have the claim left out,
    by asking for less than it was sent to ask for. Raises `Unavailable`: then nobody is signed in with a role that they
    may have no more.
    """
    if settings.OIDC_ROLES and groups is not None:
        await set_role_by_provider(user_id=user_id, role=role_by(groups), only_lower=not names_groups)
