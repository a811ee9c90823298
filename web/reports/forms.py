"""What the forms of cases and notices do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation.errors import AppError, Forbidden, Invalid, VersionConflict
from foundation.validation import validated
from moderation import services
from moderation.notices import services as notices
from moderation.serializers import DecideInput, NoticeRefInput
from users.actor import Actor
from web.forms import posted, redirect_to, validated_input
from web.shell import with_headers_of

from . import content

CASE_TEMPLATE = "web/reports/case.html"


async def _show_case(request: HttpRequest, actor: Actor, error: AppError, /, case_id: str) -> HttpResponse:
    # For whoever is no administrator, this raises the error again.
    context = await content.case(actor, case_id, error)
    return with_headers_of(error, render(request, CASE_TEMPLATE, context, status=error.status))


@posted(_show_case, (Invalid, Forbidden, VersionConflict))
async def decide(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    data = validated_input(DecideInput, request, "decision", "note", "warning", caseId=case_id)
    await services.decide_case(actor=actor, **data)
    return redirect_to("reports")


async def _show_notices(request: HttpRequest, actor: Actor, error: AppError, /, notice_id: str) -> HttpResponse:
    raise error


@posted(_show_notices)
async def read_notice(request: HttpRequest, actor: Actor, notice_id: str) -> HttpResponse:
    await notices.read_notice(actor=actor, **validated(NoticeRefInput, {"noticeId": notice_id}))
    return redirect_to("notices")
