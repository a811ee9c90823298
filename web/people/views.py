"""The page of a group with its members beside it, and the page that asks somebody who has left to come back."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from foundation.validation import validated
from groups.serializers import ListMembersInput
from users.actor import Actor
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import members_panel, ownership_panel
from .forms import rejoin_group


@require_safe
@signed_in
async def members(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    cursor = request.GET.get("cursor")
    data = validated(ListMembersInput, {"groupId": group_id, **({"cursor": cursor} if cursor else {})})
    panel = partial(members_panel, cursor=data.get("cursor"))
    return await render_page(request, actor, PageRequest(group_id, panel=panel))


@require_safe
@signed_in
async def ask_for_owner(request: HttpRequest, actor: Actor, group_id: str, user_id: str) -> HttpResponse:
    """Ask whether the group is to be given away; the answer goes where roles are changed."""
    return await render_page(request, actor, PageRequest(group_id, panel=ownership_panel(user_id)))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def rejoin(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    """GET shows the button, and nothing of the group; POST handles it."""
    if request.method == "POST":
        return await rejoin_group(request, actor, group_id)
    return render(request, "web/people/rejoin.html", {"group_id": group_id})
