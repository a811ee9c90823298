"""The rules for changing a group's members, as proposals to its log: permissions, and the rows that change.

`places.proposals` has those for what a group is called and says, and for who finds it.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping

from pynamodb.transactions import TransactWrite

from foundation.errors import Forbidden, Invalid, NotFound
from groups.log.proposal import Append, LogView, NoOp, Outcome, Proposal, RowWrite, member_key
from groups.log.state import LogState

from . import asked, creations, left, memberships, models
from .access import require_manager, require_role_changer
from .change_events import members_change
from .models import ADMIN, DIRECT, MEMBER, OWNER, Group, Member
from .policy import INVITE
from .provided import rows as provided
from .rows import GroupRow

# The group's own row: its name, and how many members it has.
GROUP_KEY = "group"
# How many rows one member's joining or leaving writes.
ROWS_A_MEMBER = 3


def join_writes(member: Member, *, peer_id: str | None = None) -> tuple[RowWrite, ...]:
    """Return the writes that make someone a member; `peer_id` is the other user of a direct conversation of two."""

    def put(transaction: TransactWrite) -> None:
        transaction.save(models.member_row(member))

    def add(transaction: TransactWrite) -> None:
        memberships.write_join(transaction, member, peer_id=peer_id)

    def list_group(transaction: TransactWrite) -> None:
        memberships.write_ids(transaction, member, joins=True)

    return put, add, list_group


def leave_writes(member: Member) -> tuple[RowWrite, ...]:
    """Return the writes that end a membership."""

    def delete(transaction: TransactWrite) -> None:
        transaction.delete(models.member_row(member))

    def leave(transaction: TransactWrite) -> None:
        memberships.write_leave(transaction, member)

    def unlist_group(transaction: TransactWrite) -> None:
        memberships.write_ids(transaction, member, joins=False)

    return delete, leave, unlist_group


def _role_writes(member: Member, role: str) -> tuple[RowWrite, ...]:
    def update(transaction: TransactWrite) -> None:
        transaction.update(models.member_row(member), actions=[GroupRow.role.set(role)])

    def update_copy(transaction: TransactWrite) -> None:
        memberships.write_role(transaction, member, role)

    return update, update_copy


def count_writes(group: Group, change: int) -> tuple[RowWrite, ...]:
    """Return the write that changes how many members the group's row counts."""
    if group.member_count is None:
        return ()

    def count(transaction: TransactWrite) -> None:
        transaction.update(models.group_row(group), actions=[GroupRow.member_count.add(change)])

    return (count,)


class MembershipProposal(Proposal):
    """A change to the membership of some users; `_members` has their member rows, read before every attempt."""

    def __init__(self, actor_id: str, group: Group, user_ids: Iterable[str], names: Mapping[str, str]) -> None:
        super().__init__(actor_id)
        self.group = group
        self.user_ids = list(dict.fromkeys(user_ids))
        self.names = names
        keys = [member_key(user_id) for user_id in [*self.user_ids, actor_id]]
        self.writes = frozenset([GROUP_KEY, *keys])
        self._members: dict[str, Member] = {}

    async def load(self, state: LogState) -> None:
        self._members = await models.find_members(state.group_id, [*self.user_ids, self.actor_id])

    def _append(self, view: LogView, roles: Mapping[str, str | None], writes: Iterable[RowWrite]) -> Append:
        entry = self.new_entry(view, "member", roles=dict(roles))
        return Append(entry, lambda: Outcome(members_change(entry, self.names), dict(roles)), tuple(writes))

    def refuse_direct(self) -> None:
        if self.group.kind == DIRECT:
            raise Invalid("Who is in a direct conversation does not change: begin another one, or create a group.")


class AddMembersProposal(MembershipProposal):
    """Add users as members; users who are members already keep their role. The result is {userId: role} of new ones.

    Raises `HasLeft` if some of them have left by themselves.
    """

    _left: Collection[str] = ()

    async def load(self, state: LogState) -> None:
        await super().load(state)
        self._left = await left.find_left(state.group_id, self.user_ids)

    def decide(self, view: LogView) -> Append | NoOp:
        view.require_role(self.actor_id)
        self.refuse_direct()
        view.require_may(INVITE, self.actor_id)
        new_ids = [user_id for user_id in self._wanted_ids() if user_id not in self._members]
        if not new_ids:
            return NoOp({})
        if has_left := [user_id for user_id in new_ids if user_id in self._left]:
            raise left.HasLeft(self.group.id, has_left, self.names)
        members = [Member(self.group.id, user_id, MEMBER, self.created_at) for user_id in new_ids]
        writes = [write for member in members for write in join_writes(member)]
        writes += count_writes(self.group, len(members))
        writes += self._more_writes()
        return self._append(view, {member.user_id: member.role for member in members}, writes)

    def _wanted_ids(self) -> list[str]:
        return self.user_ids

    def _more_writes(self) -> Iterable[RowWrite]:
        return ()


class AddPendingProposal(AddMembersProposal):
    """Add those of the users whom the group's creation has not added yet.

    A retry thus brings nobody back who was added before and has left since.
    """

    _pending: frozenset[str] = frozenset()

    async def load(self, state: LogState) -> None:
        await super().load(state)
        creation = await creations.find_creation(state.group_id)
        self._pending = creation.pending if creation else frozenset()

    def _wanted_ids(self) -> list[str]:
        return [user_id for user_id in self.user_ids if user_id in self._pending and user_id not in self._left]

    def _more_writes(self) -> Iterable[RowWrite]:
        def remove_pending(transaction: TransactWrite) -> None:
            row, actions = creations.removal(self.group.id, self.user_ids)
            transaction.update(row, actions=actions)

        return (remove_pending,)


class RemoveMemberProposal(MembershipProposal):
    """Remove a member: oneself, or as an owner or admin someone of a lower role.

    That ends what a provider's groups made, too: a membership that is made by hand later is not theirs to end.
    """

    _is_provided = False

    async def load(self, state: LogState) -> None:
        (user_id,) = self.user_ids
        _, provided_ids = await asyncio.gather(super().load(state), provided.list_of(user_id))
        self._is_provided = state.group_id in provided_ids

    @property
    def in_archived(self) -> bool:  # type: ignore[override] # everybody may leave
        return self.user_ids == [self.actor_id]

    def decide(self, view: LogView) -> Append | NoOp:
        role = view.require_role(self.actor_id)
        self.refuse_direct()
        (user_id,) = self.user_ids
        target = self._members.get(user_id)
        if user_id != self.actor_id:
            require_manager(role)
        if target is None:
            raise NotFound("That user is not a member of the group.")
        if user_id != self.actor_id and (target.role == OWNER or (role == ADMIN and target.role == ADMIN)):
            raise Forbidden("Only the owner may remove an admin, and nobody may remove the owner.")
        if user_id == self.actor_id and target.role == OWNER:
            raise Forbidden("The owner may not leave: make someone else the owner first.")
        writes = [*leave_writes(target), *count_writes(self.group, -1), *self._note_leaving(target)]
        # Whoever was asked once is not asked for ever.
        writes.append(asked.forget_write(user_id, self.group.id))
        # Else an update would make a row of those who have none.
        if self._is_provided:
            writes.append(provided.removed_write(user_id, self.group.id))
        return self._append(view, {user_id: None}, writes)

    def _note_leaving(self, target: Member) -> Iterable[RowWrite]:
        """Whoever leaves by themselves comes back by themselves; whoever was removed may be added again."""

        def put(transaction: TransactWrite) -> None:
            transaction.save(left.left_row(target.group_id, target.user_id, self.created_at))

        return (put,) if target.user_id == self.actor_id else ()


class EnterProposal(MembershipProposal):
    """Become a member by an act of one's own, where one is admitted; the result is {userId: role} of who is new."""

    by_outsiders = True
    _admitted = False

    def __init__(self, actor_id: str, group: Group, name: str) -> None:
        super().__init__(actor_id, group, [], {actor_id: name})

    async def load(self, state: LogState) -> None:
        await super().load(state)
        # It may have been changed, or deleted, meanwhile.
        group = await models.find_group(state.group_id)
        self._admitted = group is not None and await self._is_admitted(group)

    @abstractmethod
    async def _is_admitted(self, group: Group) -> bool:
        """Return whether who is outside may come in."""

    def decide(self, view: LogView) -> Append | NoOp:
        if self.actor_id in self._members:
            return NoOp({})
        if not self._admitted:
            raise NotFound
        member = Member(self.group.id, self.actor_id, MEMBER, self.created_at)

        def delete(transaction: TransactWrite) -> None:
            transaction.delete(left.left_row(self.group.id, self.actor_id))

        writes = [*join_writes(member), *count_writes(self.group, 1), delete]
        writes += [asked.forget_write(self.actor_id, self.group.id), *self._more_writes()]
        return self._append(view, {self.actor_id: MEMBER}, writes)

    def _more_writes(self) -> Iterable[RowWrite]:
        return ()


class RejoinProposal(EnterProposal):
    """Join a group after somebody there has asked; mostly one that one has left."""

    async def _is_admitted(self, group: Group) -> bool:
        if await asked.is_asked(self.actor_id, group.id):
            return True
        return (await left.find_left(group.id, [self.actor_id])).get(self.actor_id, False)


class JoinProposal(EnterProposal):
    """Join a public group."""

    async def _is_admitted(self, group: Group) -> bool:
        return group.is_listed


class ChangeRoleProposal(MembershipProposal):
    """Give a member another role; only the owner may, and becomes an admin by making someone else the owner."""

    def __init__(self, actor_id: str, group: Group, user_id: str, role: str, names: Mapping[str, str]) -> None:
        super().__init__(actor_id, group, [user_id], names)
        self.role = role

    def decide(self, view: LogView) -> Append | NoOp:
        require_role_changer(view.require_role(self.actor_id))
        (user_id,) = self.user_ids
        target = self._members.get(user_id)
        if target is None:
            raise NotFound("That user is not a member of the group.")
        if target.role == self.role:
            return NoOp({})
        if user_id == self.actor_id:
            raise Invalid("To stop being the owner, make someone else the owner.")
        roles: dict[str, str | None] = {user_id: self.role}
        writes = [*_role_writes(target, self.role)]
        if self.role == OWNER:
            roles[self.actor_id] = ADMIN
            writes += _role_writes(self._members[self.actor_id], ADMIN)
        return self._append(view, roles, writes)
