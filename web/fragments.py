"""The parts of a page that a script asks for: it has the rest, and a visit within the chat replaces these alone."""

from enum import StrEnum

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

HEADER = "X-Fragment"


class Fragment(StrEnum):
    """`PAGE`: what stands beside the sidebar. `PANEL`: the same without the log, which the script has and keeps."""

    PAGE = "page"
    PANEL = "panel"


def fragment_of(request: HttpRequest) -> Fragment | None:
    """Return what is asked for, None for a whole page; so it is for a value of no meaning."""
    value = request.headers.get(HEADER)
    return Fragment(value) if value in list(Fragment) else None


def vary(response: HttpResponseBase) -> None:
    patch_vary_headers(response, [HEADER])
