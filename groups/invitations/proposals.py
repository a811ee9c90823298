"""The rule of joining a group by a link: it is used in the transaction of the join, so exactly as often as it says."""

from collections.abc import Iterable, Mapping

from groups import models as groups
from groups.log.proposal import RowWrite
from groups.log.state import LogState
from groups.models import Group, Member
from groups.proposals import JoinProposal

from . import models
from .access import is_over, require_valid
from .models import Link


class JoinByLinkProposal(JoinProposal):
    """Join by a link. Whoever is a member already uses nothing up."""

    def __init__(self, actor_id: str, group: Group, link: Link, token: str, names: Mapping[str, str]) -> None:
        super().__init__(actor_id, group, [], names)
        self.link = link
        self.token = token
        # Two joins by one link are decided one after the other.
        self.writes |= {f"invitation {link.id}"}
        self._found: Link | None = None
        self._maker: Member | None = None
        self._current: Group | None = None

    async def load(self, state: LogState) -> None:
        await super().load(state)
        # Each may have changed since the caller read it.
        self._found = await models.get(state.group_id, self.link.id)
        self._maker = await groups.find_member(state.group_id, self.link.created_by)
        self._current = await groups.find_group(state.group_id)

    def _require_permission(self) -> None:
        if self._current is None or self._found is None or self._found.digest != self.link.digest:
            raise is_over()
        require_valid(self._found, self._current, self._maker)

    def _more_writes(self) -> Iterable[RowWrite]:
        return (models.use(self.link, self.token),)
