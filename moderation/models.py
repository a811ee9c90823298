"""The queries of cases. Each raises what `store.call` raises; all reads are strongly consistent."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.per_loop import PerLoop
from foundation.tasks import map_some_at_a_time

from . import case as cases
from .case import Case, Report, Thing
from .rows import (
    CASE,
    DECIDED_CASES,
    EVIDENCE,
    KEPT_EVIDENCE,
    OPEN,
    OPEN_CASES,
    REPORT,
    ModerationRow,
    case_partition,
    listed,
    thing_partition,
)

_PARTITIONS = {cases.OPEN: OPEN_CASES, cases.DECIDED: DECIDED_CASES}
# So many cases may be open for their number to be exact, and so many reports of one are shown.
MAX_COUNTED, MAX_REPORTS_SHOWN = 500, 100
_AT_ONCE = 20
_rows = PerLoop(lambda: BatchLoader(ModerationRow, lambda row: (row.user_id, row.item)))


async def load_rows(keys: Iterable[tuple[str, str]]) -> list[ModerationRow]:
    """Return those of the rows that exist, by user id and item."""
    return await _rows().load(list(keys))


@dataclass(frozen=True, slots=True)
class Listed:
    """A case among others: the key that it is listed by, and whom it is about."""

    key: str
    case_id: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a thing: the id of its open case, and when, and for which case, this person has reported it."""

    open_case: str | None
    reported_at: str | None
    reported_case: str | None


async def find_known(thing: Thing, reporter_id: str) -> Known:
    partition = thing_partition(str(thing))
    rows = {row.item: row for row in await load_rows([(partition, OPEN), (partition, REPORT + reporter_id)])}
    opened, own = rows.get(OPEN), rows.get(REPORT + reporter_id)
    return Known(opened.case_id if opened else None, own.at if own else None, own.case_id if own else None)


async def find_case(case_id: str) -> Case | None:
    return (await find_cases([case_id])).get(case_id)


async def find_cases(case_ids: Iterable[str]) -> dict[str, Case]:
    rows = await load_rows((case_partition(case_id), CASE) for case_id in case_ids)
    return {case.id: case for case in map(_to_case, rows)}


async def find_evidence(case_id: str) -> dict[str, Any] | None:
    """Return what was reported as it was, None once that is erased."""
    rows = await load_rows([(case_partition(case_id), EVIDENCE)])
    return rows[0].evidence if rows else None


async def list_reports(case_id: str, *, limit: int = MAX_REPORTS_SHOWN) -> list[Report]:
    def query() -> list[Report]:
        reports = ModerationRow.item.startswith(REPORT)
        found = ModerationRow.query(case_partition(case_id), reports, consistent_read=True, limit=limit)
        return [_to_report(row) for row in found]

    return sorted(await store.call(query), key=lambda report: report.at)


async def list_listed(state: str, *, before: str | None = None, limit: int, besides: str | None = None) -> list[Listed]:
    """Return cases in a state, the latest first, those listed before a key, and none about the user `besides`."""
    partition, others = _PARTITIONS[state], ModerationRow.subject_id != besides if besides else None

    def query() -> list[Listed]:
        condition = ModerationRow.item < before if before else None
        found = ModerationRow.query(
            partition,
            condition,
            filter_condition=others,
            consistent_read=True,
            scan_index_forward=False,
            page_size=limit,
            limit=limit,
        )
        return [Listed(row.item, row.case_id or "", row.subject_id or "") for row in found]

    return await store.call(query)


# --- writes ----------------------------------------------------------------------------------------------------------
async def open_case(case: Case, report: Report, *, former: str | None) -> None:
    """Store a new case with its first report, whose evidence is the case's.

    `former` is the case for which this person has reported the thing before, None if they have not. Raises
    `ConditionFailed` if another case of the thing is open, or they have reported it meanwhile.
    """
    pointer = {"case_id": case.id, "subject_id": case.subject_id}

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            absent = ModerationRow.user_id.does_not_exist()
            partition = thing_partition(str(case.thing))
            transaction.save(ModerationRow(partition, OPEN, case_id=case.id), condition=absent)
            _save_report(transaction, case, report, None, former)
            row = ModerationRow(
                case_partition(case.id),
                CASE,
                case_id=case.id,
                thing=str(case.thing),
                subject_id=case.subject_id,
                at=case.opened_at,
                reports=case.reports,
                state=case.state,
            )
            transaction.save(row)
            transaction.save(ModerationRow(case_partition(case.id), EVIDENCE, evidence=dict(report.evidence or {})))
            transaction.save(ModerationRow(OPEN_CASES, listed(case.opened_at, case.id), **pointer))

    await store.call(transact)


async def join_case(case: Case, report: Report, *, former: str | None) -> None:
    """Add a report to an open case, as `open_case`; raises `ConditionFailed` also if it is decided."""

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            row = ModerationRow(case_partition(case.id), CASE)
            is_open = ModerationRow.state == cases.OPEN
            transaction.update(row, actions=[ModerationRow.reports.add(1)], condition=is_open)
            _save_report(transaction, case, report, report.evidence, former)

    await store.call(transact)


def _save_report(
    transaction: TransactWrite, case: Case, report: Report, evidence: Mapping[str, Any] | None, former: str | None
) -> None:
    item = REPORT + report.reporter_id
    own = ModerationRow(thing_partition(str(case.thing)), item, case_id=case.id, at=report.at)
    absent = ModerationRow.user_id.does_not_exist()
    transaction.save(own, condition=ModerationRow.case_id == former if former else absent)
    row = ModerationRow(
        case_partition(case.id),
        item,
        at=report.at,
        reason=report.reason,
        text=report.text or None,
        evidence=dict(evidence) if evidence else None,
    )
    transaction.save(row)


async def claim_case(case_id: str, decision: str, *, at: str, stale: str) -> None:
    """Keep others from deciding an open case otherwise; raises `ConditionFailed` if it is decided, or claimed.

    A claim before the time `stale` is that of a process which has died.
    """
    row = ModerationRow(case_partition(case_id), CASE)
    unclaimed = ModerationRow.claim.does_not_exist() | (ModerationRow.claim == decision)
    condition = (ModerationRow.state == cases.OPEN) & (unclaimed | (ModerationRow.claimed_at < stale))
    actions: list[Action] = [ModerationRow.claim.set(decision), ModerationRow.claimed_at.set(at)]
    await store.call(lambda: row.update(actions=actions, condition=condition))


async def decide_case(case: Case, *, decision: str, by: str, at: str, note: str) -> None:
    """Write what was decided, and that the case is open no more; raises `ConditionFailed` if it is decided already."""
    pointer = {"case_id": case.id, "subject_id": case.subject_id}

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            actions: list[Action] = [
                ModerationRow.state.set(cases.DECIDED),
                ModerationRow.decision.set(decision),
                ModerationRow.decided_by.set(by),
                ModerationRow.decided_at.set(at),
                ModerationRow.claim.remove(),
                *([ModerationRow.note.set(note)] if note else []),
            ]
            row = ModerationRow(case_partition(case.id), CASE)
            transaction.update(row, actions=actions, condition=ModerationRow.state == cases.OPEN)
            transaction.delete(ModerationRow(OPEN_CASES, listed(case.opened_at, case.id)))
            transaction.delete(ModerationRow(thing_partition(str(case.thing)), OPEN))
            for partition in (DECIDED_CASES, KEPT_EVIDENCE):
                transaction.save(ModerationRow(partition, listed(at, case.id), **pointer))

    await store.call(transact)


# --- what is erased --------------------------------------------------------------------------------------------------
async def list_kept_evidence(before: str, *, limit: int) -> list[Listed]:
    """Return the cases, the earliest first, that were decided before a time and whose evidence is still there."""

    def query() -> list[Listed]:
        decided = ModerationRow.item < before
        found = ModerationRow.query(KEPT_EVIDENCE, decided, consistent_read=True, limit=limit)
        return [Listed(row.item, row.case_id or "", row.subject_id or "") for row in found]

    return await store.call(query)


async def erase_evidence(one: Listed, thing: Thing) -> None:
    """Delete what was reported as it was, and who has reported it; may be repeated."""
    reports = await list_reports(one.case_id, limit=10_000)
    partition = case_partition(one.case_id)

    async def forget(report: Report) -> None:
        row = ModerationRow(thing_partition(str(thing)), REPORT + report.reporter_id)
        # They may have reported the thing again since, for another case.
        with suppress(store.ConditionFailed):
            await store.call(row.delete, ModerationRow.case_id == one.case_id)

    await map_some_at_a_time(forget, reports, _AT_ONCE)

    def delete() -> None:
        with ModerationRow.batch_write() as batch:
            batch.delete(ModerationRow(partition, EVIDENCE))
            for report in reports:
                batch.delete(ModerationRow(partition, REPORT + report.reporter_id))
        # Last: it is how the rest is found.
        ModerationRow(KEPT_EVIDENCE, one.key).delete()

    await store.call(delete)


def _to_case(row: ModerationRow) -> Case:
    return Case(
        id=row.case_id or "",
        thing=Thing.parse(row.thing or ""),
        subject_id=row.subject_id or "",
        opened_at=row.at or "",
        reports=int(row.reports or 0),
        state=row.state or cases.OPEN,
        decision=row.decision,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
    )


def _to_report(row: ModerationRow) -> Report:
    reporter_id = row.item.removeprefix(REPORT)
    return Report(reporter_id, row.at or "", row.reason or "", row.text or "", row.evidence)
