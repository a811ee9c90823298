"""The page of the workspace."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.validation import validated
from users.actor import Actor
from users.serializers import FindUsersInput
from web.shell import signed_in
from workspace.serializers import ListDeactivatedInput

from .content import workspace_context

TEMPLATE = "web/workspace/workspace.html"


@require_safe
@signed_in
async def workspace(request: HttpRequest, actor: Actor) -> HttpResponse:
    given = {name: request.GET[name] for name in ("search", "cursor") if request.GET.get(name)}
    found = validated(FindUsersInput, given)
    out = validated(ListDeactivatedInput, {"cursor": request.GET["out"]} if request.GET.get("out") else {})
    context = await workspace_context(
        actor, search=found.get("query", ""), cursor=found.get("cursor"), out=out.get("cursor")
    )
    return render(request, TEMPLATE, context)
