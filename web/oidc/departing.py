"""The ways out to the provider."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_safe

from accounts.serializers import LinkInput
from accounts.services import oidc
from foundation.validation import validated
from web.forms import redirect_to
from web.oidc_cookie import with_departure
from web.shell import page, safe_path

_MAX_NEXT = 500


@require_GET
@page
async def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Send a browser to the provider, but not for another site's page: it would end the session that there is."""
    if _is_of_another_site(request):
        return redirect_to("sign-in")
    next_path = safe_path(request.GET.get("next"))
    departure = await oidc.begin_sign_in(next_path=next_path if len(next_path) <= _MAX_NEXT else "/")
    return with_departure(HttpResponseRedirect(departure.address), departure)


@require_GET
@page
async def join(request: HttpRequest) -> HttpResponseBase:
    """Send whoever has an invitation to the provider; from another site's page, to the page that asks them first."""
    invitation = validated(LinkInput, {"link": request.GET.get("link", "")})
    response: HttpResponse
    if _is_of_another_site(request):
        response = HttpResponseRedirect(f"{reverse('web:join')}?{urlencode({'link': invitation['token']})}")
    else:
        departure = await oidc.begin_joining(**invitation)
        response = with_departure(HttpResponseRedirect(departure.address), departure)
    response["Referrer-Policy"] = "strict-origin"
    return response


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


def _is_of_another_site(request: HttpRequest) -> bool:
    return request.headers.get("Sec-Fetch-Site") == "cross-site"
