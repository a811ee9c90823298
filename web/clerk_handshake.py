"""A page whose session cookie has expired goes to Clerk and comes back with a fresh one, without a page in between."""

from contextlib import suppress
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from foundation.errors import AppError
from users.clerk.handshake import HandshakeCookie, read_handshake

from . import clerk

# Clerk's names: of the answer, in the address or as a cookie, and of what knows a browser of a development instance.
_ANSWER, _DEV_BROWSER = "__clerk_handshake", "__clerk_db_jwt"
# Ours: this browser was sent to Clerk a moment ago. Without it an answer is not taken, as another site could bring
# somebody in under another name; with it nobody is sent again, so that the two cannot send each other round in circles.
_STARTED = "clerk_handshake_started"
_SECONDS = 30


def start_handshake(request: HttpRequest) -> HttpResponse | None:
    """Return the redirect to Clerk for a page with an expired cookie; None where it does not help."""
    origin = clerk.frontend_origin()
    # A script cannot follow what it fetches to another origin; it goes to the sign-in page.
    is_navigation = request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if origin is None or not is_navigation or _STARTED in request.COOKIES:
        return None
    query = {
        "redirect_url": request.build_absolute_uri(),
        "suffixed_cookies": "true",
        "__clerk_hs_reason": "session-token-expired",
    }
    if browser := request.COOKIES.get(_DEV_BROWSER):
        query[_DEV_BROWSER] = browser
    response = HttpResponseRedirect(f"{origin}/v1/client/handshake?{urlencode(query)}")
    response.set_cookie(_STARTED, "1", max_age=_SECONDS, httponly=True, samesite="Lax", secure=settings.SECURE_COOKIES)
    return response


async def finish_handshake(request: HttpRequest) -> HttpResponse | None:
    """Return the redirect to the same page with Clerk's cookies; None unless the browser comes back with an answer.

    An answer that is not Clerk's sets no cookie.
    """
    answer = request.GET.get(_ANSWER) or request.COOKIES.get(_ANSWER)
    if settings.LOCAL_ISSUER or not answer or request.COOKIES.get(_STARTED) != "1":
        return None
    cookies: list[HandshakeCookie] = []
    # Without it the page goes on to the sign-in page, where Clerk's script finds out.
    with suppress(AppError):
        cookies = await read_handshake(answer)
    response = HttpResponseRedirect(_address_without_answer(request))
    for cookie in cookies:
        response.cookies[cookie.name] = cookie.value
        cookie.write(response.cookies[cookie.name])
    # Done: the same answer is not taken a second time.
    response.set_cookie(_STARTED, "0", max_age=_SECONDS, httponly=True, samesite="Lax", secure=settings.SECURE_COOKIES)
    return response


def _address_without_answer(request: HttpRequest) -> str:
    query = [(name, value) for name, value in parse_qsl(request.META["QUERY_STRING"]) if name != _ANSWER]
    # One slash at its beginning: two would name another host.
    path = "/" + request.path.lstrip("/")
    return f"{path}?{urlencode(query)}" if query else path
