"""The pages that report something, the queue of reports, and one's own notices."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from foundation.errors import AppError, Gone, Invalid, RateLimited, Unavailable
from foundation.validation import validated
from moderation import services
from moderation.serializers import CaseRefInput, ListCasesInput, ReportInput
from users.actor import Actor
from users.serializers import UserRefInput
from web.forms import validated_input
from web.said import in_one
from web.shell import signed_in, with_headers_of

from . import content
from .forms import CASE_TEMPLATE

_FORM = "web/reports/report.html"
_FIELDS = ("reason", "text")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def report_message(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    """GET asks why; POST reports the message."""
    context = await content.message_form(actor, group_id, message_id)
    return await _form(request, actor, context, services.report_message, messageId=message_id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def report_person(request: HttpRequest, actor: Actor, user_id: str) -> HttpResponse:
    """GET asks why; POST reports the person."""
    context = await content.person_form(actor, **validated(UserRefInput, {"userId": user_id}))
    return await _form(request, actor, context, services.report_person, userId=user_id)


async def _form(
    request: HttpRequest,
    actor: Actor,
    context: dict[str, Any],
    report: Callable[..., Awaitable[object]],
    **thing: str,
) -> HttpResponse:
    if request.method != "POST":
        return render(request, _FORM, context)
    problem: AppError | None = None
    try:
        await report(actor=actor, **validated_input(ReportInput, request, *_FIELDS, **thing))
    except (Invalid, Gone, RateLimited, Unavailable) as error:
        problem = error
    typed = {name: request.POST.get(name, "") for name in _FIELDS}
    shown = {**context, "typed": typed, "problem": in_one(problem), "done": problem is None}
    response = render(request, _FORM, shown, status=problem.status if problem else 200)
    return with_headers_of(problem, response) if problem else response


@require_safe
@signed_in
async def cases(request: HttpRequest, actor: Actor) -> HttpResponse:
    given = {name: request.GET[name] for name in ("state", "cursor") if request.GET.get(name)}
    return render(request, "web/reports/queue.html", await content.queue(actor, **validated(ListCasesInput, given)))


@require_safe
@signed_in
async def case(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    return render(request, CASE_TEMPLATE, await content.case(actor, **validated(CaseRefInput, {"caseId": case_id})))


@require_safe
@signed_in
async def notices(request: HttpRequest, actor: Actor) -> HttpResponse:
    return render(request, "web/reports/notices.html", await content.notices(actor))
