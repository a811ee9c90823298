"""What a person has planned, as rows of theirs, `later#<what>#<id>`; each query raises what `store.call` raises.

A plan waits, until it is taken: from then on it cannot be changed or cancelled, and whoever finds it taken finishes
what another process has begun. Done, it is told, and then its row is deleted: a message that was sent is marked before
(`SENT`), so that nobody who reads after that was told finds it. A message that could not be sent is refused, and kept.
`later` counts what is added, so that two additions cannot both be the last that there is space for.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import to_wire
from users.due import rows as due
from users.due.entry import Due, moment_of
from users.rows import UsersTableRow
from users.wall_time import WallTime

# What is planned; also the kinds of entries of what is due.
SCHEDULED, REMINDER = "scheduled", "reminder"
WAITING, TAKEN, REFUSED = STATES = ("waiting", "taken", "refused")
# Of a message alone, of whose row its author sees no more.
SENT = "sent"
_COUNTER, _PREFIX = "later", "later#"


class LaterRow(UsersTableRow):
    """A plan, or the counter, which has a `version` alone."""

    state = UnicodeAttribute(null=True)
    due_at = NumberAttribute(null=True, attr_name="dueAt")
    local_time = UnicodeAttribute(null=True, attr_name="localTime")
    time_zone = UnicodeAttribute(null=True, attr_name="timeZone")
    version = NumberAttribute(null=True)
    created_at = UnicodeAttribute(null=True, attr_name="createdAt")
    group_id = UnicodeAttribute(null=True, attr_name="groupId")
    parent_id = UnicodeAttribute(null=True, attr_name="parentId")
    content = UnicodeAttribute(null=True)
    message_id = UnicodeAttribute(null=True, attr_name="messageId")
    after = NumberAttribute(null=True)
    code = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)


@dataclass(frozen=True, slots=True)
class When:
    """`at` is in milliseconds since 1970; a time of day in a zone is kept as that, in `wall`."""

    at: int
    wall: WallTime | None = None

    @property
    def moment(self) -> datetime:
        return moment_of(self.at)


@dataclass(frozen=True, slots=True)
class Plan:
    """A message to be sent (`content`, maybe `parent_id`), or a reminder of one (`message_id`).

    Of a message that is `SENT`, `message_id` is what it has become.

    `version` counts the changes by the person. `after` is the last seq of the group before it was tried to be sent,
    `code` and `reason` say why it was not.
    """

    user_id: str
    what: str
    id: str
    group_id: str
    when: When
    created_at: str
    content: str = ""
    parent_id: str | None = None
    message_id: str | None = None
    state: str = WAITING
    version: int = 1
    after: int | None = None
    code: str | None = None
    reason: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether only its telling and deletion are left: it is planned no more."""
        return self.state == SENT or (self.what == REMINDER and self.state == TAKEN)

    @property
    def item(self) -> str:
        return f"{_PREFIX}{self.what}#{self.id}"

    @property
    def entry(self) -> Due:
        return Due(self.what, f"{self.user_id}#{self.id}", self.when.at)

    def as_wire(self) -> dict[str, Any]:
        """Return {id, groupId, at, localTime?, timeZone?, version, createdAt}, and of a message to be sent also
        {parentId?, content, state, error?: {code, message}}, of a reminder {messageId}.
        """
        wire: dict[str, Any] = {"id": self.id, "groupId": self.group_id, "at": to_wire(self.when.moment)}
        if self.when.wall:
            wire |= {"localTime": self.when.wall.text(), "timeZone": self.when.wall.zone}
        wire |= {"version": self.version, "createdAt": self.created_at}
        if self.what == REMINDER:
            return {**wire, "messageId": self.message_id}
        if self.parent_id:
            wire["parentId"] = self.parent_id
        if self.state == REFUSED:
            wire["error"] = {"code": self.code or "", "message": self.reason or ""}
        return {**wire, "content": self.content, "state": self.state}


def _to_plan(row: LaterRow) -> Plan:
    _, what, plan_id = row.item.split("#", 2)
    wall = WallTime.parse(row.local_time, row.time_zone) if row.local_time and row.time_zone else None
    return Plan(
        user_id=row.user_id,
        what=what,
        id=plan_id,
        group_id=row.group_id or "",
        when=When(int(row.due_at or 0), wall),
        created_at=row.created_at or "",
        content=row.content or "",
        parent_id=row.parent_id,
        message_id=row.message_id,
        state=row.state or WAITING,
        version=int(row.version or 1),
        after=None if row.after is None else int(row.after),
        code=row.code,
        reason=row.reason,
    )


def _to_row(plan: Plan) -> LaterRow:
    wall = plan.when.wall
    return LaterRow(
        plan.user_id,
        plan.item,
        state=plan.state,
        due_at=plan.when.at,
        local_time=wall.text() if wall else None,
        time_zone=wall.zone if wall else None,
        version=plan.version,
        created_at=plan.created_at,
        group_id=plan.group_id,
        parent_id=plan.parent_id,
        content=plan.content or None,
        message_id=plan.message_id,
    )


# --- reads -----------------------------------------------------------------------------------------------------------
async def find(user_id: str, what: str, plan_id: str) -> Plan | None:
    """Return a plan by a strongly consistent read, or None."""

    row = await _find_row(user_id, f"{_PREFIX}{what}#{plan_id}")
    return _to_plan(row) if row else None


async def plan_of(entry: Due) -> Plan | None:
    """Return the plan that an entry points to; None if it was moved, or there is none any more."""
    user_id, _, plan_id = entry.key.rpartition("#")
    plan = await find(user_id, entry.kind, plan_id)
    return plan if plan and plan.when.at == entry.at else None


async def _find_row(user_id: str, item: str) -> LaterRow | None:
    def query() -> list[LaterRow]:
        return list(LaterRow.query(user_id, LaterRow.item == item, consistent_read=True))

    return next(iter(await store.call(query)), None)


async def list_plans(user_id: str, what: str) -> list[Plan]:
    """Return all that a person has planned of this and is not done, the next first, by a strongly consistent read."""

    def query() -> list[LaterRow]:
        prefix = LaterRow.item.startswith(f"{_PREFIX}{what}#")
        return list(LaterRow.query(user_id, prefix, consistent_read=True))

    plans = [plan for plan in map(_to_plan, await store.call(query)) if not plan.is_done]
    return sorted(plans, key=lambda plan: (plan.when.at, plan.id))


async def count_additions(user_id: str) -> int:
    """Return how often something was planned, for `add`."""
    row = await _find_row(user_id, _COUNTER)
    return int(row.version or 0) if row else 0


# --- writes by the person --------------------------------------------------------------------------------------------
async def add(plan: Plan, *, additions: int) -> None:
    """Store a plan that is new; raises `ConditionFailed` if there were other additions than were counted."""
    counter, is_current = LaterRow(plan.user_id, _COUNTER), LaterRow.version == additions

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            condition = is_current if additions else LaterRow.version.does_not_exist()
            transaction.update(counter, actions=[LaterRow.version.set(additions + 1)], condition=condition)
            transaction.save(_to_row(plan), condition=LaterRow.state.does_not_exist())
            due.put_with(transaction, plan.entry)

    await store.call(transact)


def _is(plan: Plan, *states: str) -> Condition:
    """Return the condition that nobody has changed the plan, and that it is in one of these states."""
    condition: Condition = (LaterRow.version == plan.version) & LaterRow.state.is_in(*states)
    return condition


async def change(plan: Plan, changed: Plan) -> Plan:
    """Store a plan that was changed, which waits again; raises `ConditionFailed` unless it waits, or is refused."""
    changed = replace(changed, version=plan.version + 1, state=WAITING, code=None, reason=None, after=None)

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.save(_to_row(changed), condition=_is(plan, WAITING, REFUSED))
            if changed.entry != plan.entry:
                due.drop_with(transaction, plan.entry)
            due.put_with(transaction, changed.entry)

    await store.call(transact)
    return changed


async def cancel(plan: Plan) -> None:
    """Delete a plan; raises `ConditionFailed` unless it waits, or is refused."""

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.delete(_to_row(plan), condition=_is(plan, WAITING, REFUSED))
            due.drop_with(transaction, plan.entry)

    await store.call(transact)


# --- writes when it is due -------------------------------------------------------------------------------------------
def take_with(plan: Plan, transaction: TransactWrite) -> None:
    """Take a plan that waits together with other rows; the transaction fails if it was changed or cancelled."""
    transaction.update(_to_row(plan), actions=[LaterRow.state.set(TAKEN)], condition=_is(plan, WAITING))


async def take(plan: Plan, *, after: int) -> Plan:
    """Take a plan that waits, and note the last seq of its group; raises `ConditionFailed`."""
    actions: list[Action] = [LaterRow.state.set(TAKEN), LaterRow.after.set(after)]
    await _update(plan, actions, _is(plan, WAITING))
    return replace(plan, state=TAKEN, after=after)


async def refuse(plan: Plan, *, code: str, reason: str) -> Plan:
    """Keep a plan as one that could not be done, with the reason; raises `ConditionFailed` if it was changed."""
    actions: list[Action] = [LaterRow.state.set(REFUSED), LaterRow.code.set(code), LaterRow.reason.set(reason)]
    await _update(plan, actions, _is(plan, WAITING, TAKEN))
    return replace(plan, state=REFUSED, code=code, reason=reason)


async def mark_sent(plan: Plan, message_id: str) -> Plan:
    """Note that a message was sent, as this one; raises `ConditionFailed` if somebody else did."""
    await _update(plan, [LaterRow.state.set(SENT), LaterRow.message_id.set(message_id)], _is(plan, TAKEN))
    return replace(plan, state=SENT, message_id=message_id)


async def finish(plan: Plan) -> None:
    """Delete a plan that was done, or comes to nothing; `ConditionFailed` if somebody else did, or changed it."""
    await store.call(lambda: _to_row(plan).delete(condition=_is(plan, WAITING, TAKEN, SENT)))


async def _update(plan: Plan, actions: list[Action], condition: Condition) -> None:
    await store.call(lambda: _to_row(plan).update(actions=actions, condition=condition))
