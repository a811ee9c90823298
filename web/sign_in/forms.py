"""The forms that sign in by name, with the local issuer, and sign out."""

import contextlib

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from foundation.errors import Invalid, Unauthenticated
from foundation.validation import validated
from users import services
from users.serializers import SignInInput
from users.session_cookies import read_session_cookie
from web.session_cookie import delete_session_cookie, set_session_cookie, trusted_origin
from web.shell import page, safe_path

from .content import sign_in_context


async def sign_in_by_name(request: HttpRequest) -> HttpResponse:
    """Sign in and redirect to `next`, or show the form again with what is wrong."""
    next_path = safe_path(request.POST.get("next"))
    name = request.POST.get("name", "")
    try:
        data = validated(SignInInput, {"name": name})
        former = read_session_cookie(request.COOKIES)
        origin = trusted_origin(request)
        token = await services.sign_in_locally(name=data["name"], origin=origin, replaces=former)
    except Invalid as error:
        context = sign_in_context(next_path=next_path, name=name, problem=error)
        return render(request, "web/sign_in/sign_in.html", context, status=error.status)
    # A form that was open for the previous user must not act for the new one.
    rotate_token(request)
    response = HttpResponseRedirect(next_path)
    set_session_cookie(response, token)
    return response


@require_POST
@page
async def sign_out(request: HttpRequest) -> HttpResponse:
    rotate_token(request)
    with contextlib.suppress(Unauthenticated):  # the session has ended already
        actor = await services.sign_in(token=read_session_cookie(request.COOKIES) or "")
        await services.end_session(actor=actor)
    response = HttpResponseRedirect(reverse("web:sign-in"))
    delete_session_cookie(response)
    return response
