"""The workspace makes somebody a member, and ends that: nobody's role in the group is asked for."""

from groups import asked, left, models
from groups.log.proposal import Append, LogView, NoOp, RowWrite
from groups.log.state import LogState
from groups.models import MEMBER, OWNER, Member
from groups.proposals import MembershipProposal, count_writes, join_writes, leave_writes

from . import rows


class ProvideMemberProposal(MembershipProposal):
    """Make the actor a member, unless they are one or have left by themselves. The result is {userId: role}, or {}."""

    by_outsiders = True
    _may_join = False

    async def load(self, state: LogState) -> None:
        await super().load(state)
        has_left = await left.find_left(state.group_id, [self.actor_id])
        # It may have been deleted meanwhile.
        self._may_join = not has_left and await models.find_group(state.group_id) is not None

    def decide(self, view: LogView) -> Append | NoOp:
        self.refuse_direct()
        if self.actor_id in self._members or not self._may_join:
            return NoOp({})
        member = Member(self.group.id, self.actor_id, MEMBER, self.created_at)
        note = rows.added_write(self.actor_id, self.group.id)
        writes: list[RowWrite] = [*join_writes(member), *count_writes(self.group, 1), note]
        writes.append(asked.forget_write(self.actor_id, self.group.id))
        return self._append(view, {self.actor_id: MEMBER}, writes)


class WithdrawMemberProposal(MembershipProposal):
    """End the actor's membership, unless they own the group; they may be added again. The result as above."""

    by_outsiders = True
    in_archived = True

    def decide(self, view: LogView) -> Append | NoOp:
        member = self._members.get(self.actor_id)
        if member is None or member.role == OWNER:
            return NoOp({})
        note = rows.removed_write(self.actor_id, self.group.id)
        writes: list[RowWrite] = [*leave_writes(member), *count_writes(self.group, -1), note]
        writes.append(asked.forget_write(self.actor_id, self.group.id))
        return self._append(view, {self.actor_id: None}, writes)
