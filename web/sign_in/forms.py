"""The forms that sign in by a name alone (in a trial), by a password and a code, and the one that signs out."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import keeps_accounts
from accounts.oidc.configuration import is_configured
from accounts.serializers import AnswerChallengeInput
from accounts.serializers import SignInInput as PasswordSignInInput
from accounts.services import sessions, signing_in
from foundation.errors import (
    Deactivated,
    Invalid,
    RateLimited,
    SecondFactorRequired,
    Unauthenticated,
    Unavailable,
    unless_session_is_over,
)
from foundation.validation import validated
from users import services, tokens
from users.serializers import SignInInput
from users.session_cookies import read_session_cookie
from web.forms import validated_input
from web.session_cookie import (
    client_of_page,
    delete_session_cookie,
    renew_csrf_token,
    set_session_cookie,
    signed_in_response,
    trusted_origin,
)
from web.shell import page, safe_path, with_headers_of

from .content import TEMPLATE, password_context, sign_in_context


async def sign_in_by_name(request: HttpRequest) -> HttpResponse:
    """Sign in and redirect to `next`, or show the form again with what is wrong."""
    next_path = safe_path(request.POST.get("next"))
    name = request.POST.get("name", "")
    try:
        data = validated(SignInInput, {"name": name})
        former = read_session_cookie(request.COOKIES)
        origin = trusted_origin(request)
        token = await services.sign_in_locally(name=data["name"], origin=origin, replaces=former)
    except (Deactivated, Invalid) as error:
        context = sign_in_context(next_path=next_path, name=name, problem=error)
        return render(request, TEMPLATE, context, status=error.status)
    await renew_csrf_token(request, (await tokens.verify(token)).user_id)
    response = HttpResponseRedirect(next_path)
    set_session_cookie(response, token)
    return response


async def sign_in_by_password(request: HttpRequest) -> HttpResponse:
    """Sign in and redirect to `next`, ask for a code, or show the form again with what is wrong."""
    next_path, client = safe_path(request.POST.get("next")), client_of_page(request)
    context = partial(password_context, request=request, next_path=next_path, login=request.POST.get("login", ""))
    try:
        if challenge := request.POST.get("challenge"):
            context = partial(context, challenge=challenge)
            data = validated_input(AnswerChallengeInput, request, "challenge", "code")
            session = await signing_in.answer_challenge(client=client, **data)
        else:
            data = validated_input(PasswordSignInInput, request, "login", "password")
            session = await signing_in.sign_in(client=client, **data)
        return await signed_in_response(request, session, next_path)
    except SecondFactorRequired as error:
        # The form was right so far.
        return render(request, TEMPLATE, context(challenge=error.challenge))
    except (Deactivated, Invalid, Unauthenticated, RateLimited, Unavailable) as error:
        return with_headers_of(error, render(request, TEMPLATE, context(problem=error), status=error.status))


@require_POST
@page
async def sign_out(request: HttpRequest) -> HttpResponse:
    rotate_token(request)
    with unless_session_is_over():
        actor = await services.sign_in(token=read_session_cookie(request.COOKIES) or "")
        await (sessions.sign_out(actor=actor) if keeps_accounts() else services.end_session(actor=actor))
    response = HttpResponseRedirect(f"{reverse('web:sign-in')}{'?signed-out' if is_configured() else ''}")
    delete_session_cookie(response)
    return response
