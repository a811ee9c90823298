"""The page of what the user has saved."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.validation import validated
from messaging.saved.serializers import ListSavedInput
from users.actor import Actor
from web.shell import signed_in

from .content import saved_context


@require_safe
@signed_in
async def saved(request: HttpRequest, actor: Actor) -> HttpResponse:
    cursor = request.GET.get("cursor")
    data = validated(ListSavedInput, {"cursor": cursor} if cursor else {})
    return render(request, "web/saved/saved.html", await saved_context(actor, **data))
