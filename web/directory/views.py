"""The directory of public groups, and its buttons."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.errors import AppError
from foundation.validation import validated
from groups import services
from groups.serializers import GroupRefInput
from users.actor import Actor
from web.forms import posted, redirect_to
from web.shell import signed_in, with_headers_of

from .content import directory

TEMPLATE = "web/directory/directory.html"


@require_safe
@signed_in
async def groups(request: HttpRequest, actor: Actor) -> HttpResponse:
    given = {name: request.GET[name] for name in ("q", "cursor") if request.GET.get(name)}
    return render(request, TEMPLATE, await directory(actor, given))


async def _show_again(request: HttpRequest, actor: Actor, error: AppError, /, **where: str) -> HttpResponse:
    return with_headers_of(error, render(request, TEMPLATE, await directory(actor, {}, error), status=error.status))


@posted(_show_again)
async def join(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    group = await services.join_group(actor=actor, **validated(GroupRefInput, {"groupId": group_id}))
    return redirect_to("group", group.id)
