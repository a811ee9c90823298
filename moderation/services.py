"""Reporting a message or a person, and deciding what is reported."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Gone, Invalid, NotFound, Unavailable, VersionConflict
from foundation.ids import new_id, now, to_wire
from foundation.limits import shared
from foundation.tasks import create_background_task, run_to_completion
from messaging.selectors import get_message
from users import selectors as users
from users.actor import Actor
from workspace import audit

from . import evidence, models, sweeping
from .access import require_case
from .case import DECIDED, MESSAGE, USER, Case, Report, Thing
from .deciding import carry_out, require_possible
from .models import Known
from .telling import tell_administrators

logger = logging.getLogger(__name__)

# Others report the same at the same time; all waits add up to 0.6 s on average.
_ATTEMPTS, _BASE, _CAP = 12, 0.02, 0.1
# Seconds after which somebody else may decide otherwise than an administrator whose process has died.
_CLAIM_SECONDS = 60
# So many old cases lose their evidence with a decision.
_SWEPT = 20


async def report_message(*, actor: Actor, message_id: str, reason: str, text: str = "") -> dict[str, Any]:
    """Report a message that the actor can read to the administrators; once, however often it is sent.

    Returns {"kind", "thingId", "reportedAt", "duplicate"?}; once more after a decision, it is a new report. Raises
    `NotFound` unless the actor is a member and the message exists, `Gone` when it is deleted, `Invalid` for the
    actor's own, `RateLimited`, `Unavailable`.
    """
    await shared.count(["report"], actor.user_id)
    message = await get_message(actor=actor, message_id=message_id)
    if message.get("deleted"):
        raise Gone("The message has been deleted.")
    if message["userId"] == actor.user_id:
        raise Invalid("This is yours: delete it, if you want to.", fields={"messageId": ["This is yours."]})
    thing = Thing(MESSAGE, message_id)
    report = Report(actor.user_id, now(), reason, text, evidence.of_message(message))
    return await _report(thing, message["userId"], report)


async def report_person(*, actor: Actor, user_id: str, reason: str, text: str = "") -> dict[str, Any]:
    """Report a person whom the actor can see; returns and raises as `report_message`."""
    await shared.count(["report"], actor.user_id)
    user = await users.get_seen_user(actor=actor, user_id=user_id)
    if user.is_removed:
        raise NotFound
    if user.id == actor.user_id:
        raise Invalid("This is you.", fields={"userId": ["This is you."]})
    report = Report(actor.user_id, now(), reason, text, evidence.of_user(user))
    return await _report(Thing(USER, user.id), user.id, report)


async def _report(thing: Thing, subject_id: str, report: Report) -> dict[str, Any]:
    wire: dict[str, Any] = {"kind": thing.kind, "thingId": thing.id}
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        known = await models.find_known(thing, report.reporter_id)
        # Perhaps by this very call, whose response was lost.
        is_stored = known.reported_at == report.at
        # What has been decided since may be reported again.
        if known.reported_at and (is_stored or known.reported_case == known.open_case):
            before = {} if is_stored else {"duplicate": True}
            return {**wire, "reportedAt": known.reported_at, **before}
        try:
            await _store(thing, subject_id, report, known)
        except store.ConditionFailed:
            await asyncio.sleep(delay)
            continue
        create_background_task(tell_administrators(subject_id))
        return {**wire, "reportedAt": report.at}
    raise Unavailable


async def _store(thing: Thing, subject_id: str, report: Report, known: Known) -> None:
    """Store a report, with a new case unless there is an open one; raises `ConditionFailed` if that has changed."""
    former = known.reported_case
    if known.open_case is None:
        await models.open_case(Case(new_id("case", 16), thing, subject_id, report.at, 1), report, former=former)
        return
    case, first = await asyncio.gather(models.find_case(known.open_case), models.find_evidence(known.open_case))
    if case is None:
        raise store.ConditionFailed
    joining = replace(report, evidence=None) if report.evidence == first else report
    await models.join_case(case, joining, former=former)


async def decide_case(*, actor: Actor, case_id: str, decision: str, note: str = "", warning: str = "") -> Case:
    """Decide an open case, do what that asks for, and return the case; decided alike once more, it is what it was.

    `note` stays with the case, `warning` is what the person is told by the decision `warn`. Raises `Forbidden` unless
    the actor administers, `NotFound` for a case about the actor, `Invalid`, `VersionConflict` where somebody decides
    otherwise, `Unavailable`: the same call goes on then.
    """
    case = await require_case(actor=actor, case_id=case_id)
    if case.state == DECIDED:
        return await run_to_completion(_decided(actor, case, decision))
    await require_possible(actor, case, decision, warning)
    # Also for a client that hangs up: what is done must be noted.
    return await run_to_completion(_decide(actor, case, decision, note, warning))


async def _decide(actor: Actor, case: Case, decision: str, note: str, warning: str) -> Case:
    stale = to_wire(datetime.now(UTC) - timedelta(seconds=_CLAIM_SECONDS))
    try:
        await models.claim_case(case.id, decision, at=now(), stale=stale)
        await carry_out(actor, case, decision, warning)
        await models.decide_case(case, decision=decision, by=actor.user_id, at=now(), note=note)
    except store.ConditionFailed:
        return await _decided(actor, await models.find_case(case.id) or case, decision)
    await _note(actor, case, decision)
    create_background_task(_sweep_quietly())
    return await models.find_case(case.id) or case


async def _decided(actor: Actor, case: Case, decision: str) -> Case:
    """Return a case that was decided so; raises `VersionConflict` if it was, or is being, decided otherwise."""
    if case.decision != decision:
        raise VersionConflict("Somebody else decides, or has decided, this case otherwise: look at it again.")
    if case.decided_by == actor.user_id:
        # Perhaps by a call whose response was lost before it was noted.
        await _note(actor, case, decision)
    return case


async def _note(actor: Actor, case: Case, decision: str) -> None:
    """Note a decision, and tell administrators of it; may be repeated: an act is rather noted twice than never."""
    about = {"case": case.id, "decision": decision, "user": case.subject_id, case.thing.kind: case.thing.id}
    await audit.record("report.decide", by=actor, **about)
    create_background_task(tell_administrators(case.subject_id))


async def _sweep_quietly() -> None:
    try:
        await sweeping.sweep(most=_SWEPT)
    except Unavailable:
        logger.info("Evidence that is too old could not be erased now.")
