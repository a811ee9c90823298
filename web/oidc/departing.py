"""The ways out to the provider. What the browser keeps meanwhile is a cookie for the callback alone."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_safe

from accounts.oidc.requests import CALLBACK, LIFETIME
from accounts.serializers import LinkInput, OwnProofInput
from accounts.services import oidc
from accounts.services.oidc import Departure
from foundation.validation import validated
from users.actor import Actor
from web.accounts.forms import account_form, done
from web.forms import redirect_to, validated_input
from web.shell import page, safe_path

COOKIE = "oidc"
_MAX_NEXT = 500


@require_GET
@page
async def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Send a browser to the provider, but not for another site's page: it would end the session that there is."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return redirect_to("sign-in")
    next_path = safe_path(request.GET.get("next"))
    departure = await oidc.begin_sign_in(next_path=next_path if len(next_path) <= _MAX_NEXT else "/")
    return _with_cookie(HttpResponseRedirect(departure.address), departure)


@require_GET
@page
async def join(request: HttpRequest) -> HttpResponseBase:
    """Send whoever has an invitation to the provider."""
    departure = await oidc.begin_joining(**validated(LinkInput, {"link": request.GET.get("link", "")}))
    response = _with_cookie(HttpResponseRedirect(departure.address), departure)
    response["Referrer-Policy"] = "strict-origin"
    return response


@account_form
async def link(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the way to the provider: a form of this page may lead to this server alone (`form-action`)."""
    departure = await oidc.begin_linking(actor=actor, **validated_input(OwnProofInput, request, "password"))
    context = {"address": departure.address, "label": settings.OIDC_LABEL}
    response: HttpResponse = _with_cookie(render(request, "web/oidc/go_on.html", context), departure)
    return response


@account_form
async def unlink(request: HttpRequest, actor: Actor) -> HttpResponse:
    await oidc.unlink(actor=actor, **validated_input(OwnProofInput, request, "password"))
    return done("unlinked")


@require_safe
@page
async def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Send a browser to where one signs out at the provider too (OpenID Connect RP-Initiated Logout)."""
    address = await oidc.sign_out_address()
    back = f"{settings.PUBLIC_URL}/sign-in"
    if address is None:
        return HttpResponseRedirect(back)
    query = urlencode({"client_id": settings.OIDC_CLIENT_ID, "post_logout_redirect_uri": back})
    return HttpResponseRedirect(f"{address}{'&' if '?' in address else '?'}{query}")


def _with_cookie(response: HttpResponse, departure: Departure) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        departure.sealed,
        max_age=LIFETIME,
        path=CALLBACK,
        httponly=True,
        # It must come with the navigation from the provider's page.
        samesite="Lax",
        secure=settings.SECURE_COOKIES,
    )
    return response
