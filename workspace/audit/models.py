"""The queries of the audit log: a partition a day, and a directory of the days that have any. No scan.

Each raises what `dynamodb.store.call` raises.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from pynamodb.expressions.condition import Condition

from dynamodb import store

from .act import Act, day_of
from .rows import DAYS, AuditRow, partition_of

# So many acts are looked at for a page, by so many a read; and so many days, of which most may have none that is asked.
MAX_LOOKED_AT, A_READ, MAX_DAYS = 2_000, 500, 31
# Later than all days.
_PAST_END = "9999"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which acts: those whose name begins with `act`, by this user, about this id, from `after` until before `before`.

    Times are in the format of the wire.
    """

    act: str | None = None
    by: str | None = None
    about: str | None = None
    before: str | None = None
    after: str | None = None

    def condition(self) -> Condition | None:
        conditions = [
            *([AuditRow.act.startswith(self.act)] if self.act else []),
            *([AuditRow.by == self.by] if self.by else []),
            *([AuditRow.about_ids.contains(self.about)] if self.about else []),
        ]
        return reduce(and_, conditions) if conditions else None


@dataclass(frozen=True, slots=True)
class Page:
    """Acts, the latest first; `end` is the key after which the next page begins, None where there are no more.

    A page may be short, or empty, before the end: what was looked at is bounded.
    """

    acts: list[Act]
    end: str | None


async def add(acts: Sequence[Act]) -> None:
    """Write acts, which may have been written before."""
    rows = [_to_row(act) for act in acts]

    def write() -> None:
        with AuditRow.batch_write() as batch:
            for row in rows:
                batch.save(row)

    await store.call(write)


async def add_day(day: str) -> None:
    """Note that there are acts of this day, before the first of them is written."""
    await store.call(AuditRow(DAYS, day).save)


async def list_acts(which: Filter, *, start: str | None = None, limit: int) -> Page:
    """Return a page of acts, `limit` at most, of those before the key `start`."""
    # A time is less than all keys of its moment.
    position = min(start or _PAST_END, which.before or _PAST_END)
    found: list[Act] = []
    left = MAX_LOOKED_AT
    days = await _list_days(until=day_of(position), since=day_of(which.after or ""))
    for day in days[:MAX_DAYS]:
        async for acts, looked_at, end in _reads(day, which, position, need=limit):
            found += acts
            left -= looked_at
            if len(found) > limit:
                return Page(found[:limit], found[limit - 1].key)
            if left <= 0:
                return Page(found, end or day)
    # The day itself is less than all of its keys.
    return Page(found, days[MAX_DAYS - 1] if len(days) > MAX_DAYS else None)


async def _reads(
    day: str, which: Filter, position: str, *, need: int
) -> AsyncIterator[tuple[list[Act], int, str | None]]:
    """Yield what is read of a day: acts, the latest first; how many were looked at, and where the read has ended."""
    if which.after and position <= which.after:
        return
    start = _key(day, position) if day_of(position) == day else None
    condition = which.condition()
    size = A_READ if condition is not None else min(A_READ, need + 1)
    since = AuditRow.item >= which.after if which.after and day_of(which.after) == day else None

    def read() -> tuple[dict[str, Any], dict[str, Any] | None]:
        pages = AuditRow.query(
            partition_of(day),
            since,
            filter_condition=condition,
            scan_index_forward=False,
            consistent_read=True,
            page_size=size,
            last_evaluated_key=start,
        ).page_iter
        return next(pages), pages.last_evaluated_key

    while True:
        page, start = await store.call(read)
        acts = [_to_act(AuditRow.from_raw_data(item)) for item in page["Items"]]
        yield acts, page["ScannedCount"], start["item"]["S"] if start else None
        if start is None:
            return


async def _list_days(*, until: str, since: str) -> list[str]:
    """Return the days that have acts, the latest first, one more than are looked at for a page."""

    def query() -> list[str]:
        days = AuditRow.item.between(since or "0", until)
        rows = AuditRow.query(DAYS, days, scan_index_forward=False, consistent_read=True, limit=MAX_DAYS + 1)
        return [row.item for row in rows]

    return await store.call(query) if until >= (since or "0") else []


async def list_days_before(day: str, *, limit: int) -> list[str]:
    """Return the earliest days that have acts, of those before a day."""

    def query() -> list[str]:
        return [row.item for row in AuditRow.query(DAYS, AuditRow.item < day, consistent_read=True, limit=limit)]

    return await store.call(query)


async def delete_some(day: str, *, limit: int) -> int:
    """Delete acts of a day, `limit` at most, and the day with the last of them; return how many."""

    def delete() -> int:
        rows = list(AuditRow.query(partition_of(day), consistent_read=True, limit=limit))
        with AuditRow.batch_write() as batch:
            for row in rows:
                batch.delete(row)
        if len(rows) < limit:
            AuditRow(DAYS, day).delete()
        return len(rows)

    return await store.call(delete)


def _key(day: str, item: str) -> dict[str, Any]:
    return {"userId": {"S": partition_of(day)}, "item": {"S": item}}


def _to_row(act: Act) -> AuditRow:
    ids: Iterable[str] = filter(None, act.ids())
    return AuditRow(
        partition_of(act.day),
        act.key,
        act=act.act,
        by=act.by,
        about=dict(act.about) or None,
        about_ids=set(ids) or None,
        session=act.session,
        address=act.address,
        times=act.count if act.count > 1 else None,
        until=act.until,
    )


def _to_act(row: AuditRow) -> Act:
    at, _, tag = row.item.partition("#")
    return Act(
        at=at,
        act=row.act or "",
        by=row.by or "",
        about=row.about or {},
        session=row.session,
        address=row.address,
        count=int(row.times or 1),
        until=row.until,
        tag=tag,
    )
