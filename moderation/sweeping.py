"""Erases the evidence of cases that were decided long ago: some with a decision, all by `manage.py sweep_reports`."""

from . import models
from .evidence import kept_since

_A_CALL = 20


async def sweep(*, most: int | None = None) -> int:
    """Erase the evidence of the cases that were decided before REPORT_EVIDENCE_DAYS, `most` at most; return how many.

    May be repeated. Raises `Unavailable`.
    """
    swept = 0
    while most is None or swept < most:
        due = await models.list_kept_evidence(kept_since(), limit=_A_CALL)
        known = await models.find_cases(one.case_id for one in due)
        for one in due:
            await models.erase_evidence(one, known[one.case_id].thing)
        swept += len(due)
        if len(due) < _A_CALL:
            break
    return swept
