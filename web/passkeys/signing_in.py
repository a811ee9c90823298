"""Signing in by a passkey: what the script asks the browser, and the form that it sends with the answer."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.passkey_serializers import PasskeySignInInput, SecondFactorOptionsInput
from accounts.services import passkey_sign_in
from accounts.services.passkeys import PasskeyOffer
from foundation.errors import AppError
from web.ceremony import answered_in_json, forget_ceremony, state_of
from web.forms import validated_input
from web.session_cookie import client_of_page, signed_in_response
from web.shell import page, safe_path, with_headers_of
from web.sign_in.content import TEMPLATE, password_context


def _path() -> str:
    return reverse("web:passkey-sign-in")


async def _begin(request: HttpRequest) -> PasskeyOffer:
    """With the challenge of a password that was right, the passkey is the second factor."""
    if not request.POST.get("challenge"):
        return await passkey_sign_in.begin_sign_in()
    data = validated_input(SecondFactorOptionsInput, request, "challenge")
    return await passkey_sign_in.begin_second_factor(**data)


options = require_POST(page(answered_in_json(_begin, _path)))


@require_POST
@page
async def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Sign in and redirect to `next`, or show the form again with what is wrong."""
    next_path = safe_path(request.POST.get("next"))
    context = partial(
        password_context, request=request, next_path=next_path, challenge=request.POST.get("challenge", "")
    )
    response: HttpResponse
    try:
        data = validated_input(PasskeySignInInput, request, "credential", state=state_of(request))
        signed_in = await passkey_sign_in.sign_in(client=client_of_page(request), **data)
        response = await signed_in_response(request, signed_in, next_path)
    except AppError as error:
        shown = render(request, TEMPLATE, context(problem=error), status=error.status)
        response = with_headers_of(error, shown)
    return forget_ceremony(response, _path())
