"""Signing in and out with a browser."""

import contextlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from foundation.errors import Invalid, Unauthenticated
from foundation.validation import validated
from users import services
from users.serializers import SignInInput
from web.shell import keep_session, local_path, own_origin, page

from . import clerk as clerk_page


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def sign_in(request: HttpRequest) -> HttpResponse:
    """The local issuer asks for a name and no more; with Clerk, Clerk's own box stands here."""
    if request.method == "POST":
        return await _take_name(request)
    return _form(request, next_path=local_path(request.GET.get("next")))


async def _take_name(request: HttpRequest) -> HttpResponse:
    goal = local_path(request.POST.get("next"))
    name = request.POST.get("name", "")
    try:
        given = validated(SignInInput, {"name": name})
        token = await services.sign_in_locally(name=given["name"], origin=own_origin(request))
    except Invalid as error:
        return _form(request, next_path=goal, name=name, problem=error)
    # A form that someone else had open in this browser must not act for the one who signs in now.
    rotate_token(request)
    response = HttpResponseRedirect(goal)
    keep_session(response, token)
    return response


def _form(request: HttpRequest, *, next_path: str, name: str = "", problem: Invalid | None = None) -> HttpResponse:
    sentences = [sentence for found in (problem.fields or {}).values() for sentence in found] if problem else []
    context = {
        "next": next_path,
        "name": name,
        "problem": {"message": " ".join(sentences) or (problem.message if problem else "")} if problem else None,
        "clerk": clerk_page.context(),
    }
    return render(request, "web/sign_in.html", context, status=problem.status if problem else 200)


@require_POST
@page
async def sign_out(request: HttpRequest) -> HttpResponse:
    rotate_token(request)
    with contextlib.suppress(Unauthenticated):  # a session that is over already needs no end
        actor = await services.sign_in(token=request.COOKIES.get(settings.SESSION_COOKIE, ""))
        await services.end_session(actor=actor)
    response = HttpResponseRedirect(reverse("sign-in"))
    response.delete_cookie(settings.SESSION_COOKIE, samesite="Lax")
    return response
