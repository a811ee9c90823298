"""The page of a group with its members beside it."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from foundation.validation import validated
from groups.serializers import ListMembersInput
from users.actor import Actor
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import members_panel


@require_safe
@signed_in
async def members(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    cursor = request.GET.get("cursor")
    data = validated(ListMembersInput, {"groupId": group_id, **({"cursor": cursor} if cursor else {})})
    panel = partial(members_panel, cursor=data.get("cursor"))
    return await render_page(request, actor, PageRequest(group_id, panel=panel))
