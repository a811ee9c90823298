"""The start page and the page of a group."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from foundation.validation import validated
from groups import selectors as groups
from groups.serializers import ListGroupsInput
from users.actor import Actor
from web.forms import redirect_to
from web.page import PageRequest, before_parameter, render_page
from web.shell import signed_in


@require_safe
@signed_in
async def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Redirect to the first group with unread messages; `?list` shows the list, which a phone has as its own page.

    With `cursor` too, the list is a page of all groups.
    """
    if "list" in request.GET:
        return await render_page(request, actor, PageRequest(groups_cursor=_groups_cursor(request)))
    rows, _ = await groups.list_recent_groups(actor=actor)
    if not rows:
        return await render_page(request, actor, PageRequest())
    chosen = next((row for row in rows if row.unread), rows[0])
    return redirect_to("group", chosen.id)


def _groups_cursor(request: HttpRequest) -> str | None:
    """Return the address's `cursor`, "" for the first page, or None; raises `Invalid` for what is none."""
    cursor = request.GET.get("cursor")
    return validated(ListGroupsInput, {"cursor": cursor})["cursor"] if cursor else cursor


@require_safe
@signed_in
async def group(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    return await render_page(request, actor, PageRequest(group_id, before=before_parameter(request, group_id)))
