"""The page `/status`: figures for those who may see them, the states alone for everybody else."""

import asyncio

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from foundation.errors import AppError, Forbidden, TokenExpired, Unauthenticated
from health import reports
from health.access import PASS_COOKIE, may_see_figures
from users import services
from users.authentication import bearer_token
from users.session_cookies import read_session_cookie
from web.clerk_handshake import finish_handshake, start_handshake
from web.shell import page, with_headers_of

from .content import locked_context, status_context
from .forms import handle_form


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def status(request: HttpRequest) -> HttpResponseBase:
    """GET shows the page; POST handles its forms."""
    if request.method == "POST":
        try:
            return handle_form(request)
        except Forbidden as error:
            return await _locked(request, error)
    if finished := await finish_handshake(request):
        return finished
    pass_cookie = request.COOKIES.get(PASS_COOKIE, "")
    if not await may_see_figures(_token_of(request), pass_cookie=pass_cookie):
        return await _refuse(request)
    report, history = await asyncio.gather(reports.get_report(), reports.get_history())
    return render(request, "web/status/status.html", status_context(report, history, has_pass=bool(pass_cookie)))


def _token_of(request: HttpRequest) -> str | None:
    try:
        token = bearer_token(request.headers.get("Authorization", ""))
    except Unauthenticated:
        return None
    return token or read_session_cookie(request.COOKIES)


async def _refuse(request: HttpRequest) -> HttpResponseBase:
    """Show the states, and how to see more; Clerk makes a fresh token of one that has expired before."""
    is_signed_in = False
    if token := read_session_cookie(request.COOKIES):
        try:
            await services.check_token(token=token)
            is_signed_in = True
        except TokenExpired:
            if handshake := start_handshake(request):
                return handshake
        except AppError:
            pass
    return await _locked(request, Forbidden("Figures are for administrators."), is_signed_in=is_signed_in)


async def _locked(request: HttpRequest, error: Forbidden, *, is_signed_in: bool = False) -> HttpResponse:
    report = await reports.get_report()
    context = locked_context(report, problem=error, is_signed_in=is_signed_in)
    return with_headers_of(error, render(request, "web/status/locked.html", context, status=error.status))
