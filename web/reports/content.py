"""What the pages of reports show."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.errors import AppError, NotFound
from messaging import selectors as messages
from moderation import selectors
from moderation.case import DECISIONS_OF, DELETE, KEEP, MESSAGE, OPEN, REMOVE, USER, WARN
from moderation.notices import selectors as notice_selectors
from users import selectors as users
from users.actor import Actor
from web.said import in_one

REASONS = {
    "spam": _("Spam, or advertising"),
    "harassment": _("It insults or harasses somebody"),
    "threat": _("It threatens somebody"),
    "private": _("It has what is private"),
    "other": _("Something else"),
}
DECISIONS = {
    KEEP: _("Nothing is wrong with it"),
    DELETE: _("Delete the message"),
    WARN: _("Warn the person"),
    REMOVE: _("Remove the person"),
}
DECIDED = {KEEP: "kept", DELETE: "deleted", WARN: "warned", REMOVE: "removed"}
_TIMES = ("at", "openedAt", "decidedAt", "createdAt", "updatedAt", "readAt")


async def message_form(actor: Actor, group_id: str, message_id: str) -> dict[str, Any]:
    """Return the context of the form that reports a message; raises `NotFound`."""
    message = await messages.get_message(actor=actor, message_id=message_id)
    if message["groupId"] != group_id:
        raise NotFound
    author = (await users.get_users(user_ids=[message["userId"]])).get(message["userId"])
    return {
        "kind": MESSAGE,
        "name": author.name if author else "somebody who has left",
        "content": message["content"],
        "is_own": message["userId"] == actor.user_id,
        "reasons": REASONS,
    }


async def person_form(actor: Actor, user_id: str) -> dict[str, Any]:
    """Return the context of the form that reports a person; raises `NotFound`."""
    user = await users.get_seen_user(actor=actor, user_id=user_id)
    if user.is_removed:
        raise NotFound
    return {"kind": USER, "name": user.name, "is_own": user_id == actor.user_id, "reasons": REASONS}


async def queue(actor: Actor, **query: Any) -> dict[str, Any]:
    """Return the context of the queue; raises `Forbidden`."""
    page = await selectors.list_cases(actor=actor, **query)
    names = await _names(id_ for case in page.cases for id_ in (case.subject_id, case.decided_by))
    rows = [
        {
            **_with_times(case.as_wire()),
            "name": names.get(case.subject_id, case.subject_id),
            "by": names.get(case.decided_by or ""),
            "outcome": DECIDED.get(case.decision or ""),
        }
        for case in page.cases
    ]
    state = query.get("state", OPEN)
    return {"rows": rows, "open": page.open, "state": state, "next_cursor": page.next_cursor, "main_key": "reports"}


async def case(actor: Actor, case_id: str, problem: AppError | None = None) -> dict[str, Any]:
    """Return the context of a case; raises `Forbidden`, `NotFound`."""
    detail = await selectors.get_case(actor=actor, case_id=case_id)
    wire = detail.as_wire()
    reporters = [report.reporter_id for report in detail.reports]
    names = await _names([detail.case.subject_id, detail.case.decided_by, *reporters])
    reports = [
        {
            **_with_times(report),
            "name": names.get(report["userId"], report["userId"]),
            "words": REASONS.get(report["reason"], report["reason"]),
            "evidence": _with_times(report.get("evidence", {})),
        }
        for report in wire.pop("reportedBy")
    ]
    possible = DECISIONS_OF[detail.case.thing.kind]
    return {
        "case": _with_times(wire),
        "reported": _with_times(detail.evidence) if detail.evidence else None,
        "reports": reports,
        "name": names.get(detail.case.subject_id, detail.case.subject_id),
        "by": names.get(detail.case.decided_by or ""),
        "outcome": DECIDED.get(detail.case.decision or ""),
        "decisions": {decision: words for decision, words in DECISIONS.items() if decision in possible},
        "problem": in_one(problem),
        "main_key": "reports",
    }


async def moderation_context(actor: Actor) -> dict[str, Any]:
    """Return what the sidebar shows: unread notices, and for administrators how many cases are open."""
    unread = await notice_selectors.count_unread(actor=actor)
    if not actor.is_administrator:
        return {"notices_unread": unread}
    return {"notices_unread": unread, "administers": True, "reports_open": await selectors.count_open(actor=actor)}


async def notices(actor: Actor) -> dict[str, Any]:
    """Return the context of one's own notices."""
    found = await notice_selectors.list_notices(actor=actor)
    return {"notices": [{**_with_times(notice.as_wire()), "place": _place(notice.as_wire())} for notice in found]}


def _place(notice: dict[str, Any]) -> str:
    group_id, _, seq = notice.get("messageId", "").rpartition(".")
    return f"/groups/{group_id}/messages/{seq}" if group_id else ""


async def _names(ids: Iterable[str | None]) -> dict[str, str]:
    found = await users.get_users(user_ids=filter(None, ids))
    return {user_id: user.name for user_id, user in found.items()}


def _with_times(wire: dict[str, Any]) -> dict[str, Any]:
    """Return a wire form whose times templates can format."""
    return {name: datetime.fromisoformat(value) if name in _TIMES else value for name, value in wire.items()}
