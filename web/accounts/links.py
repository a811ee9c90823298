"""The pages that links lead to: one makes an account, the other sets a password."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.access import require_accounts
from accounts.mail import require_mail
from accounts.oidc.configuration import is_configured
from accounts.requests import client_of
from accounts.serializers import ForgottenInput, JoinInput, LinkInput, ResetInput
from accounts.services import credentials, forgetting, joining
from foundation.errors import AppError, Invalid, RateLimited, Unavailable
from foundation.validation import validated
from web.forms import validated_input
from web.said import in_one
from web.session_cookie import client_of_page, signed_in_response
from web.shell import page, problem_of, with_headers_of, without_referrer

LinkView = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponseBase]]


def link_page(view: LinkView) -> LinkView:
    """Show on a page that a link is over; the address has the link, which no other page is told."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @page
    @wraps(view)
    async def run(request: HttpRequest) -> HttpResponseBase:
        try:
            response = await view(request)
        except AppError as error:
            template = "web/accounts/link_is_over.html"
            response = with_headers_of(
                error, render(request, template, {"problem": problem_of(error)}, status=error.status)
            )
        return without_referrer(response)

    return run


@link_page
async def join(request: HttpRequest) -> HttpResponseBase:
    """GET shows who is welcome; POST makes the account, and signs in."""
    token = _token(request)
    welcome = await joining.read_invitation(token=token)
    problem: AppError | None = None
    if request.method == "POST":
        try:
            data = validated_input(JoinInput, request, "login", "password", "name", link=token)
            return await signed_in_response(request, await joining.join(client=client_of_page(request), **data), "/")
        except (Invalid, RateLimited, Unavailable) as error:
            problem = error
    context = {
        "link": token,
        "welcome": welcome,
        "oidc_label": settings.OIDC_LABEL if is_configured() else "",
        "login": request.POST.get("login", ""),
        "name": request.POST.get("name", ""),
    }
    return _form(request, "web/accounts/join.html", context, problem)


@link_page
async def reset(request: HttpRequest) -> HttpResponseBase:
    """GET shows the form; POST sets the password."""
    token = _token(request)
    problem: AppError | None = None
    await credentials.require_reset_link(token=token)
    if request.method == "POST":
        try:
            await credentials.reset_password(**validated_input(ResetInput, request, "password", link=token))
            return render(request, "web/accounts/reset_done.html")
        except (Invalid, RateLimited, Unavailable) as error:
            problem = error
    return _form(request, "web/accounts/reset.html", {"link": token}, problem)


@link_page
async def forgotten(request: HttpRequest) -> HttpResponseBase:
    """GET asks who has forgotten a password; POST has a link mailed, and says the same whoever it is."""
    require_accounts()
    require_mail()
    problem: AppError | None = None
    if request.method == "POST":
        try:
            data = validated_input(ForgottenInput, request, "login")
            await forgetting.request_reset(client=client_of(request), **data)
            return render(request, "web/accounts/forgotten.html", {"sent": True})
        except (Invalid, RateLimited, Unavailable) as error:
            problem = error
    return _form(request, "web/accounts/forgotten.html", {"login": request.POST.get("login", "")}, problem)


def _form(request: HttpRequest, template: str, context: dict[str, Any], problem: AppError | None) -> HttpResponse:
    status = problem.status if problem else 200
    response = render(request, template, {**context, "problem": in_one(problem)}, status=status)
    return with_headers_of(problem, response) if problem else response


def _token(request: HttpRequest) -> str:
    """Return the link's token, of the address or of the form, whose address has none; raises `Invalid`."""
    given = (request.POST if request.method == "POST" else request.GET).get("link", "")
    token: str = validated(LinkInput, {"link": given})["token"]
    return token
