"""Forms of one's own account that link it to an identity at the provider, and end that."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.serializers import OwnProofInput
from accounts.services import oidc
from users.actor import Actor
from web.forms import validated_input
from web.oidc_cookie import with_departure

from .forms import account_form, done


@account_form
async def link(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the way to the provider: a form of this page may lead to this server alone (`form-action`)."""
    departure = await oidc.begin_linking(actor=actor, **validated_input(OwnProofInput, request, "password"))
    context = {"address": departure.address, "label": settings.OIDC_LABEL}
    response: HttpResponse = with_departure(render(request, "web/oidc/go_on.html", context), departure)
    return response


@account_form
async def unlink(request: HttpRequest, actor: Actor) -> HttpResponse:
    await oidc.unlink(actor=actor, **validated_input(OwnProofInput, request, "password"))
    return done("unlinked")
