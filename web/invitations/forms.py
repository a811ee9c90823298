"""The forms that make and revoke links to a group, and that decline what one is asked to join."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation.errors import AppError, Forbidden, Invalid, NotFound
from foundation.validation import validated
from groups.invitations import serializers, services
from groups.serializers import GroupRefInput
from users.actor import Actor
from web.forms import form, posted, redirect_to
from web.shell import with_headers_of

from .content import links_context

TEMPLATE = "web/invitations/links.html"


async def _show_again(request: HttpRequest, actor: Actor, error: AppError, /, **where: str) -> HttpResponse:
    # For whoever may not invite, this raises the error again.
    context = await links_context(actor, where["group_id"], problem=error)
    return with_headers_of(error, render(request, TEMPLATE, context, status=error.status))


# What is wrong with a form is shown on the page of the links.
_links_form = posted(_show_again, (Invalid, Forbidden, NotFound))


@_links_form
async def make_link(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    days = request.POST.get("days", "")
    given: dict[str, Any] = {name: request.POST[name] for name in ("uses", "note") if request.POST.get(name)}
    if days:
        given["expiresIn"] = int(days) * services.DAY if days.isdecimal() and len(days) < 6 else days
    data = validated(serializers.MakeLinkInput, {"groupId": group_id, **given})
    made = await services.make_link(actor=actor, **data)
    # Not after a redirect: the address is shown this once.
    return render(request, TEMPLATE, await links_context(actor, group_id, made=made))


@_links_form
async def revoke_link(request: HttpRequest, actor: Actor, group_id: str, link_id: str) -> HttpResponse:
    data = validated(serializers.LinkRefInput, {"groupId": group_id, "linkId": link_id})
    await services.revoke_link(actor=actor, **data)
    return redirect_to("invitation-links", group_id)


@_links_form
async def withdraw(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    data = validated(serializers.AskedRefInput, {"groupId": group_id, "userId": request.POST.get("userId", "")})
    await services.withdraw_invitation(actor=actor, **data)
    return redirect_to("invitation-links", group_id)


@form()
async def decline(request: HttpRequest, actor: Actor, asking: str) -> HttpResponse:
    await services.decline_invitation(actor=actor, **validated(GroupRefInput, {"groupId": asking}))
    return redirect_to("my-invitations")
