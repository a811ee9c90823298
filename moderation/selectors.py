"""Reads of what is reported, for administrators; none sees what is about themselves.

Each raises `Forbidden` unless the actor administers the workspace, and `Unavailable` while DynamoDB is down.
"""

from dataclasses import dataclass
from typing import Any

from foundation.cursors import encode_cursor
from users.actor import Actor
from workspace.roles import require_administrator

from . import models
from .access import require_case
from .case import OPEN, Case, Report
from .evidence import is_kept
from .telling import count_open as count_open_cases

PAGE, MAX_PAGE = 30, 100


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases, the latest first, and how many are open in all."""

    cases: list[Case]
    open: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case with its reports, and what was reported as it was; both are gone some time after the decision."""

    case: Case
    evidence: dict[str, Any] | None
    reports: list[Report]

    def as_wire(self) -> dict[str, Any]:
        """Return the case with "reported" (its evidence), if there is any, and "reportedBy": its reports."""
        shown = {"reported": self.evidence} if self.evidence is not None else {}
        return {**self.case.as_wire(), **shown, "reportedBy": [report.as_wire() for report in self.reports]}


async def list_cases(
    *, actor: Actor, state: str = OPEN, cursor: tuple[str, ...] | None = None, limit: int = PAGE
) -> CasePage:
    """Return a page of the cases in a state, those that were reported, or decided, last first."""
    require_administrator(actor)
    before = cursor[0] if cursor else None
    # Neither the length of a page nor where it ends tells of a case about the actor.
    listed = await models.list_listed(state, before=before, limit=limit + 1, besides=actor.user_id)
    known = await models.find_cases(one.case_id for one in listed[:limit])
    cases = [known[one.case_id] for one in listed[:limit] if one.case_id in known]
    following = encode_cursor(listed[limit - 1].key) if len(listed) > limit else None
    return CasePage(cases, await count_open_cases(actor.user_id), following)


async def get_case(*, actor: Actor, case_id: str) -> CaseDetail:
    """Return a case; raises `NotFound`."""
    case = await require_case(actor=actor, case_id=case_id)
    if not is_kept(case.decided_at):
        return CaseDetail(case, None, [])
    return CaseDetail(case, await models.find_evidence(case.id), await models.list_reports(case.id))


async def count_open(*, actor: Actor) -> int:
    """Return how many open cases there are for the actor to decide."""
    require_administrator(actor)
    return await count_open_cases(actor.user_id)
