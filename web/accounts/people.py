"""All accounts and invitations, for administrators; the links that they make are shown once."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts.serializers import InvitationRefInput, InviteInput, ListAccountsInput, ResetLinkInput
from accounts.services import invitations
from foundation.errors import AppError, Forbidden, Invalid, NotFound
from foundation.validation import validated
from users.actor import Actor
from web.forms import posted, redirect_to
from web.shell import signed_in, with_headers_of

from .content import people_context

TEMPLATE = "web/accounts/people.html"


async def _show_again(request: HttpRequest, actor: Actor, error: AppError, /, **where: str) -> HttpResponse:
    # For whoever is no administrator, this raises the error again.
    context = await people_context(actor, problem=error)
    return with_headers_of(error, render(request, TEMPLATE, context, status=error.status))


# Accepts POSTs of signed-in users; what is wrong with a form is shown on the page of all accounts.
administrators_form = posted(_show_again, (Invalid, Forbidden, NotFound))


@require_safe
@signed_in
async def accounts(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    cursor = request.GET.get("cursor")
    query = validated(ListAccountsInput, {"cursor": cursor} if cursor else {})
    return render(request, TEMPLATE, await people_context(actor, **query))


@administrators_form
async def invite(request: HttpRequest, actor: Actor) -> HttpResponse:
    days = request.POST.get("days", "")
    names = ("uses", "note", "userId", "email", "role", "password")
    given: dict[str, Any] = {name: request.POST[name] for name in names if request.POST.get(name)}
    if days:
        given["expiresIn"] = int(days) * invitations.DAY if days.isdecimal() and len(days) < 6 else days
    made = await invitations.invite(actor=actor, **validated(InviteInput, given))
    return render(request, TEMPLATE, await people_context(actor, made=made, made_for=gettext("A link to join")))


@administrators_form
async def revoke(request: HttpRequest, actor: Actor, invitation_id: str) -> HttpResponse:
    await invitations.revoke_invitation(actor=actor, **validated(InvitationRefInput, {"invitationId": invitation_id}))
    return redirect_to("accounts")


@administrators_form
async def make_reset_link(request: HttpRequest, actor: Actor, user_id: str) -> HttpResponse:
    given: dict[str, Any] = {"userId": user_id, "clearSecondFactor": "clearSecondFactor" in request.POST}
    given |= {name: request.POST[name] for name in ("password",) if request.POST.get(name)}
    made = await invitations.make_reset_link(actor=actor, **validated(ResetLinkInput, given))
    return render(
        request, TEMPLATE, await people_context(actor, made=made, made_for=gettext("A link to set a new password"))
    )
