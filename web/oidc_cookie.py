"""What a browser keeps while it is at the provider: a cookie for the callback alone."""

from django.conf import settings
from django.http import HttpResponse

from accounts.oidc.requests import CALLBACK, LIFETIME
from accounts.services.oidc import Departure

COOKIE = "oidc"


def with_departure(response: HttpResponse, departure: Departure) -> HttpResponse:
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
