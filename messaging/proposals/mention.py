"""The rule for mentions: a message names members alone, and not everybody names all of a large group."""

from django.conf import settings

from foundation.errors import Forbidden
from groups import models
from groups.access import require_may
from groups.log.proposal import LogView, member_key
from groups.log.state import LogState
from groups.models import ADMIN, MEMBER, OWNER
from groups.policy import MENTION_ALL
from messaging.text.mentions import ALL, HERE, Mentions

# Who may name everybody in a large group, by the setting.
_MAY_NAME_ALL = {"members": {MEMBER, ADMIN, OWNER}, "admins": {ADMIN, OWNER}, "owners": {OWNER}, "nobody": set[str]()}


def may_name_all(role: str, *, is_large: bool) -> bool:
    """Return whether a member of this role may name everybody."""
    return not is_large or role in _MAY_NAME_ALL[settings.MENTION_ALL_IN_LARGE_GROUPS]


async def is_large(group_id: str) -> bool:
    """Return whether a group has more than MENTION_ALL_MAX_MEMBERS members."""
    limit = settings.MENTION_ALL_MAX_MEMBERS
    return await models.count_members(group_id, limit=limit + 1) > limit


class MentionCheck:
    """Checks whom a text names against the group, at the end of its log. Without mentions nothing is read."""

    def __init__(self, mentions: Mentions) -> None:
        self._mentions = mentions
        self._is_large = False
        # Whoever is removed in the same write is not named.
        self.reads = frozenset(map(member_key, mentions.user_ids))

    def __bool__(self) -> bool:
        return bool(self._mentions)

    async def load(self, state: LogState) -> None:
        if self._mentions.user_ids:
            await state.learn_roles(self._mentions.user_ids)
        if self._mentions.names_everybody:
            self._is_large = await is_large(state.group_id)

    def targets(self, view: LogView) -> frozenset[str]:
        """Return the ids of the members among those who are named, and `!all` or `!here`."""
        mentions = self._mentions
        everybody = [target for target, named in ((ALL, mentions.all), (HERE, mentions.here)) if named]
        return frozenset([*(user_id for user_id in mentions.user_ids if view.role_of(user_id)), *everybody])

    def require_permitted(self, view: LogView, role: str, targets: frozenset[str]) -> None:
        """Raise `Forbidden` if a member of this role may not name these."""
        if targets.isdisjoint({ALL, HERE}):
            return
        require_may(view.rules.policy, MENTION_ALL, role)
        if not may_name_all(role, is_large=self._is_large):
            limit = settings.MENTION_ALL_MAX_MEMBERS
            raise Forbidden(f"In a group of more than {limit} people you may not name everybody.")
