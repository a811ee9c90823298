"""The rule of joining a group by a link: it is used in the transaction of the join, so exactly as often as it says."""

from collections.abc import Iterable

from groups.log.proposal import RowWrite
from groups.models import Group
from groups.proposals import EnterProposal

from . import models
from .access import is_valid
from .models import Link


class JoinByLinkProposal(EnterProposal):
    """Join by a link. Whoever is a member already uses nothing up."""

    def __init__(self, actor_id: str, group: Group, name: str, *, link: Link, token: str) -> None:
        super().__init__(actor_id, group, name)
        self.link = link
        self.token = token
        # Two joins by one link are decided one after the other.
        self.writes |= {f"invitation {link.id}"}

    async def _is_admitted(self, group: Group) -> bool:
        # Each may have changed since the caller read it.
        link = await models.get(group.id, self.link.id)
        return link is not None and link.digest == self.link.digest and await is_valid(link, group)

    def _more_writes(self) -> Iterable[RowWrite]:
        return (models.use(self.link, self.token),)
