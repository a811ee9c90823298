"""What a script fetches before it asks the browser for a passkey, and the cookie that binds it to the browser."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from accounts.ceremonies import SECONDS
from accounts.services.passkeys import PasskeyOffer
from foundation.counters import errors
from foundation.errors import AppError

# Of one ceremony; no script reads it, and no other site's request brings it.
_COOKIE = "passkey"


def answered_in_json(
    view: Callable[..., Coroutine[Any, Any, PasskeyOffer]], path: Callable[[], str]
) -> Callable[..., Coroutine[Any, Any, HttpResponseBase]]:
    """Have a view answer a script: with the options of its offer, whose state goes into a cookie for `path`."""

    @wraps(view)
    async def run(*args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            offer = await view(*args, **kwargs)
        except AppError as error:
            errors.count(error.code)
            return JsonResponse({"error": error.as_wire()}, status=error.status, headers=error.headers())
        response = JsonResponse({"options": offer.options})
        response.set_cookie(
            _COOKIE,
            offer.state,
            max_age=SECONDS,
            path=path(),
            httponly=True,
            samesite="Strict",
            secure=settings.SECURE_COOKIES,
        )
        return response

    return run


def state_of(request: HttpRequest) -> str:
    """Return the state of the ceremony that this browser has begun, "-" if none: that is nobody's."""
    return request.COOKIES.get(_COOKIE, "-")


def forget_ceremony(response: HttpResponse, path: str) -> HttpResponse:
    response.delete_cookie(_COOKIE, path=path, samesite="Strict")
    return response
