"""The start page and the page of a group."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from groups import selectors as groups
from users.actor import Actor
from web.forms import redirect_to
from web.page import PageRequest, before_parameter, render_page
from web.shell import signed_in


@require_safe
@signed_in
async def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Redirect to the first group with unread messages; `?list` shows the list, which a phone has as its own page."""
    rows = await groups.list_groups(actor=actor)
    if rows and "list" not in request.GET:
        chosen = next((row for row in rows if row.unread), rows[0])
        return redirect_to("group", chosen.id)
    return await render_page(request, actor, PageRequest())


@require_safe
@signed_in
async def group(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    return await render_page(request, actor, PageRequest(group_id, before=before_parameter(request, group_id)))
