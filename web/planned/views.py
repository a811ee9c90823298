"""The page of what one has planned, and the page on which one chooses when to be reminded of a message."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from foundation.validation import validated
from groups.access import require_member
from groups.serializers import GroupRefInput
from users.actor import Actor
from web.shell import signed_in

from .content import Typed, render_planned, render_reminding


@require_safe
@signed_in
async def planned(request: HttpRequest, actor: Actor) -> HttpResponse:
    return await render_planned(request, actor, Typed())


@require_safe
@signed_in
async def new(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    """Show the form for a message to a group, beside what is planned."""
    await require_member(actor=actor, **validated(GroupRefInput, {"groupId": group_id}))
    return await render_planned(request, actor, Typed(group_id))


@require_safe
@signed_in
async def choose(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await render_reminding(request, actor, group_id, message_id)
