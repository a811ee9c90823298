"""The rule for mentions: a message names members alone, and not everybody names all of a large group."""

from django.conf import settings

from foundation.errors import Forbidden, Invalid
from groups import models
from groups.access import require_may
from groups.log.proposal import LogView, member_key
from groups.log.state import LogState
from groups.models import ADMIN, MEMBER, OWNER
from groups.policy import MENTION_ALL
from messaging.text.mentions import ALL, HERE, Mentions

# Who may name everybody in a large group, by the setting.
_MAY_NAME_ALL = {"members": {MEMBER, ADMIN, OWNER}, "admins": {ADMIN, OWNER}, "owners": {OWNER}, "nobody": set[str]()}
# How many people the teams of one message name at most: what names them all is `<!all>`, which costs nothing for each.
MAX_NAMED_BY_TEAMS = 1000
_NOBODY: frozenset[str] = frozenset()


def may_name_all(role: str, *, is_large: bool) -> bool:
    """Return whether a member of this role may name everybody."""
    return not is_large or role in _MAY_NAME_ALL[settings.MENTION_ALL_IN_LARGE_GROUPS]


async def is_large(group_id: str) -> bool:
    """Return whether a group has more than MENTION_ALL_MAX_MEMBERS members."""
    limit = settings.MENTION_ALL_MAX_MEMBERS
    return await models.count_members(group_id, limit=limit + 1) > limit


class MentionCheck:
    """Checks whom a text names against the group, at the end of its log. Without mentions nothing is read.

    A team names those of its people who are members at that moment: the entry has their ids, and later changes of the
    team change nothing of it.
    """

    def __init__(self, mentions: Mentions) -> None:
        self._mentions = mentions
        self._is_large = False
        # Most texts name nobody, and cost nothing here.
        self._ids = frozenset(mentions.user_ids).union(*mentions.people.values()) if mentions else _NOBODY
        # Whoever is removed in the same write is not named.
        self.reads = frozenset(map(member_key, self._ids))

    def __bool__(self) -> bool:
        return bool(self._mentions)

    async def load(self, state: LogState) -> None:
        if self._ids:
            await state.learn_roles(self._ids)
        if self._mentions.names_everybody:
            self._is_large = await is_large(state.group_id)

    def targets(self, view: LogView) -> frozenset[str]:
        """Return the ids of the members among those who are named, `!` and the id of each team, `!all` or `!here`.

        Raises `Invalid` when teams name more than MAX_NAMED_BY_TEAMS.
        """
        mentions = self._mentions
        if not mentions:
            return _NOBODY
        everybody = [target for target, named in ((ALL, mentions.all), (HERE, mentions.here)) if named]
        by_teams = {user_id for team_id in mentions.people for user_id in self._of_team(team_id, view)}
        if len(by_teams) > MAX_NAMED_BY_TEAMS:
            raise Invalid(f"That names more than {MAX_NAMED_BY_TEAMS:,} people: name everybody instead.")
        teams = (f"!{team_id}" for team_id in mentions.people)
        return frozenset([*self.directly(view), *by_teams, *teams, *everybody])

    def size_of(self, targets: frozenset[str]) -> int:
        """Return how many characters the ids have in an entry: counted where a team may have brought very many."""
        return sum(map(len, targets)) if self._mentions.people else 0

    def directly(self, view: LogView) -> frozenset[str]:
        """Return the ids of the members who are named by themselves, not by a team alone."""
        named = self._mentions.user_ids
        return frozenset(user_id for user_id in named if view.role_of(user_id)) if named else _NOBODY

    def _of_team(self, team_id: str, view: LogView) -> list[str]:
        return [user_id for user_id in self._mentions.people[team_id] if view.role_of(user_id)]

    def require_permitted(self, view: LogView, role: str, targets: frozenset[str]) -> None:
        """Raise `Forbidden` if a member of this role may not name these, which are some of `targets`.

        A team of which more members than MENTION_ALL_MAX_MEMBERS are in the group counts as everybody there. One that
        an edit finds in the text is named again as soon as it names anybody anew.
        """
        if not targets:
            return
        limit = settings.MENTION_ALL_MAX_MEMBERS
        names_everybody = not targets.isdisjoint({ALL, HERE})
        names_large_team = self._names_large_team(view, targets)
        if names_everybody or names_large_team:
            require_may(view.rules.policy, MENTION_ALL, role)
        if names_everybody and not may_name_all(role, is_large=self._is_large):
            raise Forbidden(f"In a group of more than {limit} people you may not name everybody.")
        if not may_name_all(role, is_large=names_large_team):
            raise Forbidden(f"In this group you may not name a team of more than {limit} of its members.")

    def _names_large_team(self, view: LogView, targets: frozenset[str]) -> bool:
        """Return whether some of the targets are there by a large team."""
        if not self._mentions.people:
            return False
        by_teams = targets - self.directly(view)
        teams = ((f"!{team_id}", self._of_team(team_id, view)) for team_id in self._mentions.people)
        large = ((mark, people) for mark, people in teams if len(people) > settings.MENTION_ALL_MAX_MEMBERS)
        return any(mark in by_teams or not by_teams.isdisjoint(people) for mark, people in large)
