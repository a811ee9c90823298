"""Dissolves a group that its owner deletes: everybody is removed, and told so, the owner last."""

from collections.abc import Collection, Iterable

from pynamodb.transactions import TransactWrite

from foundation.errors import Forbidden
from users.actor import Actor

from . import memberships, models
from .access import require_group
from .change_events import members_change
from .log.appender import append
from .log.pending import MAX_ROWS
from .log.proposal import Append, LogView, NoOp, Outcome, RowWrite
from .log.state import LogState
from .models import OWNER, Member
from .people import names_of
from .places.listing import unlist_writes
from .proposals import ROWS_A_MEMBER, MembershipProposal, count_writes
from .read_marks import read_marks

# A transaction takes MAX_ROWS rows; three are the log entry, the group's own row, and the note of its deletion.
_MEMBERS_A_WRITE = (MAX_ROWS - 3) // ROWS_A_MEMBER


async def dissolve_group(*, actor: Actor, group_id: str) -> None:
    """Remove all members of a group and then the group; what it said is left to `erasing`.

    Many are removed in several writes: after `Unavailable` some may be left, and the same call removes them. Raises
    `NotFound` unless the actor is a member, `Forbidden` unless the owner, `Invalid` for a direct conversation.
    """
    group = await require_group(actor=actor, group_id=group_id)
    dissolved = False
    while not dissolved:
        members = await models.list_members(group_id, limit=_MEMBERS_A_WRITE + 1)
        others = [member.user_id for member in members if member.user_id != actor.user_id][:_MEMBERS_A_WRITE]
        leaving = others or [actor.user_id]
        names = await names_of(leaving)
        read_marks().forget(group_id)
        removed: bool = await append(group_id, DissolveProposal(actor.user_id, group, leaving, names))
        dissolved = removed and not others


def _erase_writes(member: Member) -> tuple[RowWrite, ...]:
    """Return the writes that leave nothing of a membership, not even how far the member has read."""

    def delete(transaction: TransactWrite) -> None:
        transaction.delete(models.member_row(member))

    def erase(transaction: TransactWrite) -> None:
        transaction.delete(memberships.own_row(member.user_id, member.group_id))

    def unlist_group(transaction: TransactWrite) -> None:
        memberships.write_ids(transaction, member, joins=False)

    return delete, erase, unlist_group


class DissolveProposal(MembershipProposal):
    """Remove members of a group that its owner deletes; the owner goes last, and the group's row with them.

    The result is whether they were removed: the owner is not while there are others, whom the caller removes first.
    """

    in_archived = True
    _others: Collection[Member] = ()

    async def load(self, state: LogState) -> None:
        await super().load(state)
        if self._is_last:
            # As it is listed now.
            self.group = await models.find_group(state.group_id) or self.group
            self._others = [m for m in await models.list_members(state.group_id, limit=2) if m.user_id != self.actor_id]

    @property
    def _is_last(self) -> bool:
        return self.user_ids == [self.actor_id]

    def decide(self, view: LogView) -> Append | NoOp:
        if view.require_role(self.actor_id) != OWNER:
            raise Forbidden("Only its owner may delete a group.")
        self.refuse_direct()
        members = [self._members[user_id] for user_id in self.user_ids if user_id in self._members]
        if not members or self._others:
            return NoOp(False)
        writes = [write for member in members for write in _erase_writes(member)]
        writes += self._delete_group() if self._is_last else count_writes(self.group, -len(members))
        entry = self.new_entry(view, "member", roles={member.user_id: None for member in members})
        return Append(entry, lambda: Outcome(members_change(entry, self.names), True), tuple(writes))

    def _delete_group(self) -> Iterable[RowWrite]:
        def delete(transaction: TransactWrite) -> None:
            transaction.delete(models.group_row(self.group))

        def note(transaction: TransactWrite) -> None:
            transaction.save(models.deletion_row(self.group.id))

        return delete, note, *unlist_writes(self.group)
