"""Compares what followers have made of the logs with what the logs alone say."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from dynamodb import store
from groups import mark_rows
from groups.followers import places
from groups.log import queries
from groups.log.entry import Entry
from groups.read_mark import MarkKey, ReadMark
from groups.read_mark_repair import ReadMarkRepair
from groups.read_marks import own_mark
from groups.rows import GroupRow

from .ledgers import BAD, FussyLedger, Ledger, Page
from .plan import Plan

_PAGE = 1000


@dataclass
class Verdict:
    """How much there is, how much of it the followers have yet to handle, and what is wrong with the rest."""

    entries: int = 0
    pending: int = 0
    set_aside: int = 0
    violations: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return vars(self)


async def verify(plan: Plan) -> Verdict:
    verdict = Verdict()
    for group in plan.kept:
        await _verify_group(group["id"], verdict)
    for group in plan.doomed:
        left = await _rows_of(group["id"])
        if left != {(group["id"], "creation")} and left:
            verdict.violations.append(f"{group['id']} was deleted and left {sorted(left)}")
    return verdict


async def _verify_group(group_id: str, verdict: Verdict) -> None:
    log = [entry async for entry in _entries(group_id)]
    bad = [int(entry.seq) for entry in log if (entry.content or "").startswith(BAD)]
    verdict.entries += len(log)
    found = (await places.find([group_id]))[group_id].by_name
    there = {name: found.get(name, places.Place()) for name in (Ledger.name, FussyLedger.name, ReadMarkRepair.name)}
    pending = sum(len(log) - place.seq for place in there.values())
    verdict.pending += pending
    if pending:
        return
    verdict.set_aside += sum(len(place.set_aside) for place in there.values())
    aside = {name: list(place.set_aside) for name, place in there.items() if place.set_aside}
    if aside != ({FussyLedger.name: bad} if bad else {}):
        verdict.violations.append(f"{group_id}: {aside} are set aside, not {bad} alone")
    fine = [entry for entry in log if int(entry.seq) not in bad]
    for ledger, expected in ((Ledger(), log), (FussyLedger(), fine)):
        if await ledger.page(group_id) != Page().after(expected):
            verdict.violations.append(f"{group_id}: the {ledger.name} is not that of a clean run")
    await _verify_marks(group_id, log, verdict)


async def _verify_marks(group_id: str, log: list[Entry], verdict: Verdict) -> None:
    expected: dict[MarkKey, ReadMark] = {}
    for entry in log:
        if entry.kind == "message":
            key, mark = own_mark(entry)
            expected[key] = mark
    stored = await mark_rows.find_read_marks(expected)
    wrong = [key for key, mark in expected.items() if stored[key] != mark]
    verdict.violations += [f"{key}: the mark is {stored[key]}, not {expected[key]}" for key in wrong]


async def _entries(group_id: str) -> AsyncIterator[Entry]:
    seq = 0
    while page := await queries.entries_after(group_id, seq, limit=_PAGE):
        for entry in page:
            yield entry
        seq = int(page[-1].seq)


async def _rows_of(group_id: str) -> set[tuple[str, str]]:
    """Return the keys of all rows, wherever they are, that name the group."""

    def scan() -> set[tuple[str, str]]:
        rows = GroupRow.scan(GroupRow.item.contains(group_id) | (GroupRow.group_id == group_id), consistent_read=True)
        return {(row.group_id, row.item) for row in rows}

    return await store.call(scan)
