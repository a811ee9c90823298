"""The HTTP API of reports, cases and notices."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation, next_cursor
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services
from .notices import selectors as notices
from .notices import services as notice_services

Wire = dict[str, Any]


class ReportsView(ApiView):
    """What you report to the administrators."""

    @Operation("reports_make", serializers.ReportInput, serializers.ReportedSerializer, statuses=(201, 200))
    def post(self, actor: Actor, message_id: str | None = None, user_id: str | None = None, **why: Any) -> Wire:
        """Report a message or a person; nobody but administrators learns that it was you."""
        if message_id is not None:
            return call_async(services.report_message, actor=actor, message_id=message_id, **why)
        return call_async(services.report_person, actor=actor, user_id=user_id or "", **why)


class CasesView(ApiView):
    """What is reported, all reports of one thing as one case; for administrators."""

    @Operation("reports_list", serializers.ListCasesInput, serializers.CasePageSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **query: Any) -> Wire:
        """List cases that are open, or decided, the latest first."""
        page = await selectors.list_cases(actor=actor, **query)
        wire: Wire = {"cases": [case.as_wire() for case in page.cases], "open": page.open}
        return wire | ({"nextCursor": page.next_cursor} if page.next_cursor else {})


class CaseView(ApiView):
    """One case; for administrators."""

    @Operation("reports_case", serializers.CaseRefInput, serializers.CaseDetailSerializer)
    async def get(self, actor: Actor, **case: Any) -> Wire:
        """Get a case with its reports, and what was reported as it was."""
        return (await selectors.get_case(actor=actor, **case)).as_wire()


class DecisionView(ApiView):
    """The decision of a case; for administrators."""

    @Operation("reports_decide", serializers.DecideInput, serializers.CaseSerializer)
    def post(self, actor: Actor, **decision: Any) -> Wire:
        """Decide a case: keep what was reported, delete the message, warn the person, or remove them."""
        return call_async(services.decide_case, actor=actor, **decision).as_wire()


class NoticesView(ApiView):
    """What administrators have told you."""

    @Operation("notices_list", None, serializers.NoticeListSerializer)
    async def get(self, actor: Actor) -> Wire:
        """List what administrators have told you, the latest first."""
        return {"notices": [notice.as_wire() for notice in await notices.list_notices(actor=actor)]}


class NoticeView(ApiView):
    """Whether you have read a notice."""

    @Operation("notices_read", serializers.NoticeRefInput, None, statuses=(204,))
    def post(self, actor: Actor, **notice: Any) -> None:
        """Say that you have read what administrators have told you."""
        call_async(notice_services.read_notice, actor=actor, **notice)
