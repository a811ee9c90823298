"""What people have set, and which devices they have: one row a person. Each raises what `store.call` raises."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pynamodb.expressions.update import Action

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.ids import now, to_wire
from foundation.per_loop import PerLoop
from notifications.rows import PREFERENCES, NotificationRow
from notifications.rules import QuietTime


@dataclass(frozen=True, slots=True)
class Preferences:
    """`quiet_from` and `quiet_until` are `HH:MM` in the person's own time zone, both None: never quiet.

    `device_ids` are the devices that take pushes; `version` counts the changes of what is set.
    """

    push: bool = True
    mail: bool = False
    quiet_from: str | None = None
    quiet_until: str | None = None
    device_ids: frozenset[str] = frozenset()
    version: int = 0

    def quiet_time(self, zone: str | None) -> QuietTime | None:
        if self.quiet_from is None or self.quiet_until is None:
            return None
        return QuietTime(self.quiet_from, self.quiet_until, zone or "UTC")

    def as_wire(self) -> dict[str, Any]:
        """Return `{"push", "mail", "quietFrom"?, "quietUntil"?, "version"}`."""
        wire: dict[str, Any] = {"push": self.push, "mail": self.mail, "version": self.version}
        return wire | (
            {"quietFrom": self.quiet_from, "quietUntil": self.quiet_until} if self.quiet_from is not None else {}
        )


_rows = PerLoop(lambda: BatchLoader(NotificationRow, lambda row: (row.user_id, row.item)))


async def load_rows(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], NotificationRow]:
    """Return those of the rows that exist, by user id and item, by strongly consistent reads of a hundred."""
    return {(row.user_id, row.item): row for row in await _rows().load(list(keys))}


async def find_many(user_ids: Iterable[str]) -> dict[str, Preferences]:
    """Return what these people have set, by id; what nobody has set is as at first."""
    ids = list(dict.fromkeys(user_ids))
    found = await load_rows((user_id, PREFERENCES) for user_id in ids)
    return {user_id: _to_preferences(found.get((user_id, PREFERENCES))) for user_id in ids}


async def find(user_id: str) -> Preferences:
    return (await find_many([user_id]))[user_id]


async def change(user_id: str, changes: Mapping[str, Any]) -> Preferences:
    """Change these attributes, None removing one, and return what is set now."""
    row = NotificationRow(user_id, PREFERENCES)
    actions: list[Action] = [NotificationRow.version.add(1)]
    for name, value in changes.items():
        attribute = getattr(NotificationRow, name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    await store.call(lambda: row.update(actions=actions))
    return _to_preferences(row)


async def claim_mailing(user_id: str, seconds: float) -> bool:
    """Keep other processes from mailing this person for so long; return False if one of them does."""
    row, until = NotificationRow(user_id, PREFERENCES), NotificationRow.mailing_until
    free = until.does_not_exist() | (until < now())
    later = to_wire(datetime.now(UTC) + timedelta(seconds=seconds))
    try:
        await store.call(lambda: row.update(actions=[until.set(later)], condition=free))
    except store.ConditionFailed:
        return False
    return True


async def end_mailing(user_id: str) -> None:
    row = NotificationRow(user_id, PREFERENCES)
    await store.call(lambda: row.update(actions=[NotificationRow.mailing_until.remove()]))


def _to_preferences(row: NotificationRow | None) -> Preferences:
    if row is None:
        return Preferences()
    return Preferences(
        push=row.push is not False,
        mail=bool(row.mail),
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        device_ids=frozenset(row.devices or ()),
        version=int(row.version or 0),
    )
