"""The page on which people are chosen, one after the other, by links: it works without a script."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.validation import validated
from groups.serializers import CreateDirectInput
from users.actor import Actor
from users.serializers import FindUsersInput
from web.shell import signed_in

from .content import choice


@require_safe
@signed_in
async def new_direct(request: HttpRequest, actor: Actor) -> HttpResponse:
    wanted, typed = request.GET.getlist("with"), request.GET.get("search", "")
    data = validated(CreateDirectInput, {"userIds": wanted}) if wanted else {"user_ids": []}
    search = validated(FindUsersInput, {"search": typed})["query"]
    context = await choice(actor, list(dict.fromkeys(data["user_ids"])), search)
    return render(request, "web/direct/new.html", context)
