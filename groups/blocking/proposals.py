"""The rule that closes a direct conversation while one of the two has blocked the other, as a proposal to its log."""

from pynamodb.transactions import TransactWrite

from groups import models
from groups.change_events import group_change
from groups.log.proposal import Append, LogView, NoOp, Outcome, Proposal
from groups.log.state import CLOSE, OPEN, LogState
from groups.models import Group
from groups.rows import GroupRow
from users import blocks
from users.blocks import Block


class AlignDirectProposal(Proposal):
    """Close the conversation for one who has blocked the other, or open it for one who does not any more.

    By the block as it is when the entry is written: so of two acts at once the later one holds. The entry says nothing
    to its readers but that the group has changed.
    """

    writes = frozenset({"group"})

    def __init__(self, actor_id: str, group: Group, peer_id: str) -> None:
        super().__init__(actor_id)
        self.group, self.peer_id = group, peer_id
        self._block = Block(peer_id)

    async def load(self, state: LogState) -> None:
        self._block = await blocks.find_block(self.actor_id, self.peer_id)

    def decide(self, view: LogView) -> Append | NoOp:
        view.require_role(self.actor_id)
        block, closes = self._block, self._block.since is not None
        if closes == (self.actor_id in view.closed_by):
            return NoOp(None)
        ids = {self.actor_id}

        def update(transaction: TransactWrite) -> None:
            action = GroupRow.closed_by.add(ids) if closes else GroupRow.closed_by.delete(ids)
            transaction.update(models.group_row(self.group), actions=[action])

        def check(transaction: TransactWrite) -> None:
            blocks.check_unchanged(transaction, self.actor_id, block)

        entry = self.new_entry(view, "group", action=CLOSE if closes else OPEN)
        return Append(entry, lambda: Outcome(group_change(entry, self.group), None), (update, check))
