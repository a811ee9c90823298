"""The form that takes HEALTH_TOKEN, for whoever has no account here, and the one that forgets it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from foundation.errors import Forbidden
from health.access import PASS_COOKIE, PASS_SECONDS, is_health_token, make_pass
from web.forms import redirect_to


def handle_form(request: HttpRequest) -> HttpResponse:
    """Give the browser a pass for the token, or take it away; raises `Forbidden` for a wrong token."""
    response = redirect_to("status")
    if "forget" in request.POST:
        response.delete_cookie(PASS_COOKIE, samesite="Strict")
        return response
    if not is_health_token(request.POST.get("token", "").strip()):
        raise Forbidden("That is not the token of this server.")
    response.set_cookie(
        PASS_COOKIE,
        make_pass(),
        max_age=PASS_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=settings.SECURE_COOKIES,
    )
    return response
