"""The callback: who comes back from the provider is signed in, asked for a second factor, or told why not."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.oidc.requests import CALLBACK
from accounts.oidc_serializers import CallbackInput
from accounts.services import oidc
from accounts.services.oidc import Arrival
from foundation.errors import AppError, Unauthenticated, unless_session_is_over
from foundation.validation import validated
from users import services as users
from users.actor import Actor
from users.session_cookies import read_session_cookie
from web.oidc_cookie import COOKIE
from web.session_cookie import client_of_page, signed_in_response
from web.shell import page, with_headers_of
from web.sign_in.content import TEMPLATE, password_context


@require_GET
@page
async def callback(request: HttpRequest) -> HttpResponseBase:
    response: HttpResponse
    try:
        response = await _answer(request, await _arrive(request))
    except AppError as error:
        context = password_context(request=request, next_path="/", problem=error)
        response = with_headers_of(error, render(request, TEMPLATE, context, status=error.status))
    response.delete_cookie(COOKIE, path=CALLBACK, samesite="Lax")
    # The address has a code.
    response["Referrer-Policy"] = "strict-origin"
    return response


async def _arrive(request: HttpRequest) -> Arrival:
    if "error" in request.GET:
        raise Unauthenticated("The provider has not let you in: try again, or sign in another way.")
    told = {name: request.GET[name] for name in ("state", "code", "iss") if name in request.GET}
    data: dict[str, Any] = validated(CallbackInput, told)
    sealed = request.COOKIES.get(COOKIE, "-")
    client = client_of_page(request)
    return await oidc.arrive(sealed=sealed, client=client, actor=await _actor(request), **data)


async def _actor(request: HttpRequest) -> Actor | None:
    with unless_session_is_over():
        return await users.sign_in(token=read_session_cookie(request.COOKIES) or "")
    return None


async def _answer(request: HttpRequest, arrival: Arrival) -> HttpResponse:
    if arrival.session:
        return await signed_in_response(request, arrival.session, arrival.next_path)
    if arrival.challenge:
        context = password_context(request=request, next_path=arrival.next_path, challenge=arrival.challenge)
        return render(request, TEMPLATE, context)
    return HttpResponseRedirect(arrival.next_path)
