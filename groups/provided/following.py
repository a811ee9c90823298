"""What a sign-in does to memberships: those of the provider's groups are made, and those that it made are ended."""

import logging

from django.conf import settings

from foundation.errors import AppError
from groups import models
from groups.log.appender import append
from users.selectors import get_users
from users.user import User
from workspace import audit

from . import rows
from .proposals import ProvideMemberProposal, WithdrawMemberProposal

logger = logging.getLogger(__name__)
# Who acts in the audit.
_BY = "workspace"


async def follow_groups(user_id: str, names: frozenset[str]) -> None:
    """Make a user a member of the groups that OIDC_GROUPS has for these names, and end what it made for others.

    A membership that somebody else has made stays, and so does that of an owner. One that fails keeps the others from
    nothing; it is tried again at the next sign-in. Raises `Unavailable`.
    """
    mapping: dict[str, list[str]] = settings.OIDC_GROUPS
    user = (await get_users(user_ids=[user_id], consistent=True)).get(user_id) if mapping else None
    if user is None or not user.is_active:
        return
    wanted = {group_id for name in names & mapping.keys() for group_id in mapping[name]}
    made = await rows.list_of(user_id)
    for group_id in sorted(wanted - made):
        await _follow(user, group_id, joins=True)
    for group_id in sorted(made - wanted):
        await _follow(user, group_id, joins=False)


async def _follow(user: User, group_id: str, *, joins: bool) -> None:
    group = await models.find_group(group_id)
    if group is None:
        logger.warning("OIDC_GROUPS names a group that is not here: %s", group_id)
        await rows.forget(user.id, group_id)
        return
    proposal = ProvideMemberProposal if joins else WithdrawMemberProposal
    try:
        changed = await append(group_id, proposal(user.id, group, [], {user.id: user.name}))
    except AppError as error:
        logger.warning("The provider's groups could not be followed in %s: %s", group_id, error.code)
        return
    if changed:
        await audit.record("member.provide" if joins else "member.withdraw", by=_BY, user=user.id, group=group_id)
    elif not joins:
        await rows.forget(user.id, group_id)
