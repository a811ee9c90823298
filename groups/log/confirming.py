"""What ends without a write has no conditional put that would fail: it is confirmed by what the store has."""

from foundation.errors import NotFound
from groups import models
from groups.policy import ForbiddenByGroup, rules_of

from .pending import Pending
from .state import LogState


class StaleState(Exception):
    """Another process has changed a role, the group's rules, or who has closed it, by which this one decided."""


async def confirm(state: LogState, pending: Pending, refusal: Exception | None = None) -> bool:
    """Check in the store what a result without a write, or a refusal, was decided by.

    Returns False for a caller who was removed, and rejects them; who need not be a member gets their result. Raises
    `StaleState` where the caller has another role, a direct conversation is closed by others than is known, or, if the
    rules have refused, the group has other rules: its row changes with its log.
    """
    user_id = pending.proposal.actor_id
    member = await models.find_member(state.group_id, user_id)
    if member is None:
        state.forget_role(user_id)
        if refusal is None and pending.proposal.by_outsiders:
            return True
        pending.reject(NotFound())
        return False
    if member.role != state.role_of(user_id):
        raise StaleState
    if state.closed_by and await models.find_closed_by(state.group_id) != state.closed_by:
        raise StaleState
    if isinstance(refusal, ForbiddenByGroup):
        group = await models.find_group(state.group_id)
        if group and group.rules != rules_of(state.rules_text):
            raise StaleState
    return True
