"""The rules for changing what a group is called and says, who finds it, and what it lets its members do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from foundation.errors import Forbidden, Invalid, NotFound
from groups import models
from groups.access import require_manager
from groups.change_events import group_change
from groups.log.proposal import RULES_KEY, Append, LogView, NoOp, Outcome, Proposal, RowWrite
from groups.log.state import LogState
from groups.models import DIRECT, OWNER, Group
from groups.policy import OWNER_ALONE, RENAME, changed_policy
from groups.proposals import GROUP_KEY
from groups.rows import GroupRow

from . import listing

# What the policy's `rename` lets members change; the rest is for managers.
_SAID = frozenset(("name", "topic", "description"))
_PLAIN = _SAID | {"visibility"}


@dataclass(frozen=True, slots=True)
class Changed:
    """The result of a change: the group as it is now, and the names of what is other than before."""

    group: Group
    names: tuple[str, ...] = ()


class ChangeGroupProposal(Proposal):
    """Change some of a group's name, topic, description, visibility, archived (a bool) and policy ({act: who}).

    The result is `Changed`.
    """

    writes = frozenset({GROUP_KEY, RULES_KEY})

    def __init__(self, actor_id: str, changes: Mapping[str, Any]) -> None:
        super().__init__(actor_id)
        self.changes = dict(changes)
        self._group: Group | None = None

    @property
    def in_archived(self) -> bool:  # type: ignore[override] # it depends on what is to be changed
        return self.changes.get("archived") is False

    async def load(self, state: LogState) -> None:
        # Here, and not by the caller: what others have changed meanwhile stays.
        self._group = await models.find_group(state.group_id)

    def decide(self, view: LogView) -> Append | NoOp:
        role = view.require_role(self.actor_id)
        group = self._group
        if group is None:
            raise NotFound
        if group.kind == DIRECT:
            raise Invalid("A direct conversation has no name or settings of its own.")
        changed = self._changed(group)
        self._require_permitted(view, role, group, changed)
        names = _differences(group, changed)
        if not names:
            return NoOp(Changed(group))
        entry = self.new_entry(
            view,
            "group",
            name=changed.name if "name" in names else None,
            changed={name: self.changes[name] for name in names if name != "name"} or None,
            rules=changed.rules.as_text(),
        )
        return Append(
            entry, lambda: Outcome(group_change(entry, changed), Changed(changed, names)), _writes(group, changed)
        )

    def _changed(self, group: Group) -> Group:
        plain = {name: value for name, value in self.changes.items() if name in _PLAIN}
        changed = replace(group, **plain, policy=changed_policy(group.policy, self.changes.get("policy", {})))
        if "archived" in self.changes:
            archived_at = (group.archived_at or self.created_at) if self.changes["archived"] else None
            changed = replace(changed, archived_at=archived_at)
        return changed

    def _require_permitted(self, view: LogView, role: str, group: Group, changed: Group) -> None:
        if _SAID & self.changes.keys():
            view.require_may(RENAME, self.actor_id)
        if self.changes.keys() - _SAID:
            require_manager(role)
        before, after = group.policy.post, changed.policy.post
        if before != after and OWNER_ALONE in (before, after) and role != OWNER:
            raise Forbidden("Only the owner may decide that the owner alone posts.")


def _differences(group: Group, changed: Group) -> tuple[str, ...]:
    names = ("name", "topic", "description", "visibility", "policy")
    differing = [name for name in names if getattr(group, name) != getattr(changed, name)]
    if group.rules.is_archived != changed.rules.is_archived:
        differing.append("archived")
    return tuple(differing)


def _writes(group: Group, changed: Group) -> tuple[RowWrite, ...]:
    def update(transaction: TransactWrite) -> None:
        transaction.update(models.group_row(group), actions=_actions(changed))

    return update, *listing.relist_writes(group, changed)


def _actions(group: Group) -> list[Action]:
    row = models.group_row(group)
    columns = (
        (GroupRow.name, row.name),
        (GroupRow.topic, row.topic),
        (GroupRow.description, row.description),
        (GroupRow.visibility, row.visibility),
        (GroupRow.archived_at, row.archived_at),
        (GroupRow.policy, row.policy),
    )
    return [column.set(value) if value else column.remove() for column, value in columns]
