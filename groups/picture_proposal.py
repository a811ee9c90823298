"""The rule for giving a group another picture, as a proposal to its log."""

from dataclasses import replace
from typing import NamedTuple

from pynamodb.transactions import TransactWrite

from foundation.errors import Invalid, NotFound

from . import models
from .access import require_manager
from .change_events import group_change
from .log.proposal import Append, LogView, NoOp, Outcome, Proposal
from .log.state import LogState
from .models import DIRECT, Group
from .proposals import GROUP_KEY
from .rows import GroupRow


class PictureChanged(NamedTuple):
    """The group as it is now, and the id of the picture that it had before."""

    group: Group
    former: str | None


def refuse_picture_of(group: Group) -> None:
    """Raise `Invalid` for a conversation that has no picture of its own."""
    if group.kind == DIRECT:
        raise Invalid("A direct conversation has no picture of its own.")


class SetPictureProposal(Proposal):
    """Give the group this picture, None for none; owners and admins may. The result is a `PictureChanged`."""

    writes = frozenset({GROUP_KEY})

    def __init__(self, actor_id: str, picture_id: str | None) -> None:
        super().__init__(actor_id)
        self.picture_id = picture_id
        self._group: Group | None = None

    async def load(self, state: LogState) -> None:
        self._group = await models.find_group(state.group_id)

    def decide(self, view: LogView) -> Append | NoOp:
        require_manager(view.require_role(self.actor_id))
        group = self._group
        if group is None:
            raise NotFound
        refuse_picture_of(group)
        former = group.picture_id
        if former == self.picture_id:
            return NoOp(PictureChanged(group, None))
        changed = replace(group, picture_id=self.picture_id)
        action = GroupRow.picture_id.set(self.picture_id) if self.picture_id else GroupRow.picture_id.remove()
        as_known = GroupRow.picture_id == former if former else GroupRow.picture_id.does_not_exist()

        def update(transaction: TransactWrite) -> None:
            # Each change deletes just what it has replaced.
            transaction.update(models.group_row(group), actions=[action], condition=as_known)

        entry = self.new_entry(view, "group")
        return Append(entry, lambda: Outcome(group_change(entry, changed), PictureChanged(changed, former)), (update,))
