"""The start page, the page of a group, and that of one of its messages."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from foundation.ids import message_id
from foundation.validation import validated
from groups import selectors as groups
from groups.serializers import ListGroupsInput
from messaging import selectors
from users.actor import Actor
from web.forms import redirect_to
from web.page import PageRequest, place_parameters, render_page
from web.shell import signed_in
from web.threads.content import thread_panel


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
    chosen = next((row for row in rows if row.unread and not row.own.is_quiet), rows[0])
    return redirect_to("group", chosen.id)


def _groups_cursor(request: HttpRequest) -> str | None:
    """Return the address's `cursor`, "" for the first page, or None; raises `Invalid` for what is none."""
    cursor = request.GET.get("cursor")
    return validated(ListGroupsInput, {"cursor": cursor})["cursor"] if cursor else cursor


@require_safe
@signed_in
async def group(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    place = place_parameters(request, group_id, "before", "after", "around")
    return await render_page(request, actor, PageRequest(group_id, place=place, newest="newest" in request.GET))


@require_safe
@signed_in
async def permalink(request: HttpRequest, actor: Actor, group_id: str, seq: int) -> HttpResponse:
    """Show a message, marked, in its conversation; a reply in its thread."""
    message = await selectors.get_message(actor=actor, message_id=message_id(group_id, seq))
    panel = thread_panel(message["parentId"], around=seq) if "parentId" in message else None
    page_request = PageRequest(group_id, place={"around": message["id"]}, panel=panel, found=message["id"])
    return await render_page(request, actor, page_request)
