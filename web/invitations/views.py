"""The page of a group's links, the page that a link leads to, and the page of what one is asked to join."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from foundation.errors import Invalid, NotFound
from foundation.validation import validated
from groups.invitations import selectors, services
from groups.invitations.serializers import UseLinkInput
from groups.serializers import GroupRefInput
from users.actor import Actor
from web.forms import redirect_to
from web.shell import signed_in, with_headers_of, without_referrer

from .content import links_context
from .forms import TEMPLATE


@require_safe
@signed_in
async def links(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    validated(GroupRefInput, {"groupId": group_id})
    return render(request, TEMPLATE, await links_context(actor, group_id))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def invited(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """GET shows which group a link leads to; POST joins it."""
    given = (request.POST if request.method == "POST" else request.GET).get("link", "")
    try:
        token = validated(UseLinkInput, {"link": given})["token"]
        if request.method == "POST":
            group = await services.join_by_link(actor=actor, token=token)
            return redirect_to("group", group.id)
        context = {"link": token, "group": await selectors.read_link(actor=actor, token=token)}
    except (Invalid, NotFound) as error:
        response = render(request, "web/invitations/over.html", {"problem": error}, status=error.status)
        return without_referrer(with_headers_of(error, response))
    return without_referrer(render(request, "web/invitations/invited.html", context))


@require_safe
@signed_in
async def mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    asked = await selectors.list_invitations(actor=actor)
    rows = [{**each, "askedAt": datetime.fromisoformat(each["askedAt"])} for each in asked]
    return render(request, "web/invitations/mine.html", {"invitations": rows})
