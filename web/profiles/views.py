"""The directory of people, the page of one, and one's own profile."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from foundation.validation import validated
from users import selectors as users
from users.actor import Actor
from users.serializers import FindUsersInput, UserRefInput
from web.shell import signed_in

from . import content, forms

_SHOWN = 30


@require_safe
@signed_in
async def people(request: HttpRequest, actor: Actor) -> HttpResponse:
    given = {name: request.GET[name] for name in ("search", "cursor") if request.GET.get(name)}
    page = await users.find_users(actor=actor, **validated(FindUsersInput, {**given, "limit": _SHOWN}))
    context = await content.directory(actor, given.get("search", ""), page, is_first="cursor" not in given)
    return render(request, "web/profiles/people.html", context)


@require_safe
@signed_in
async def person(request: HttpRequest, actor: Actor, user_id: str) -> HttpResponse:
    data = validated(UserRefInput, {"userId": user_id})
    return render(request, "web/profiles/person.html", await content.person(actor, **data))


@require_http_methods(["GET", "HEAD", "POST"])
async def profile(request: HttpRequest) -> HttpResponse:
    """GET shows one's own profile; POST changes it."""
    return await (forms.save(request) if request.method == "POST" else _own(request))  # type: ignore[return-value]


@signed_in
async def _own(request: HttpRequest, actor: Actor) -> HttpResponse:
    return await content.render_profile(request, actor)
