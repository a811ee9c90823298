"""The index of the API, for developers with a browser."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.urls import resolve
from django.utils.http import escape_leading_slashes
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from foundation.errors import Invalid, NotFound

from .openapi.document import JSON, YAML, document_as

_NAMES = (
    *("me", "users", "teams", "groups", "messages", "files", "upload", "health"),
    *("docs", "schema", "events", "asyncapi"),
)
# Characters of a query that a redirect repeats.
_MAX_QUERY = 2000


class ApiRoot(APIView):
    """The addresses of the API."""

    name = "API"
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response({name: reverse(name, request=request) for name in _NAMES})


class SchemaView(SpectacularAPIView):
    """The description of the API, made once a process in each form; JSON, unless YAML is asked for."""

    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2]

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        name = self._get_filename(request, None)  # type: ignore[no-untyped-call]
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Vary": "Accept"}
        form = JSON if isinstance(renderer, OpenApiJsonRenderer) else YAML
        return HttpResponse(document_as(form), content_type=renderer.media_type, headers=headers)


@csrf_exempt
def without_slash(request: HttpRequest) -> HttpResponseBase:
    """Redirect an address that ends in a slash to the one without, if there is such; 308 keeps method and body."""
    path = request.path.removesuffix("/")
    if resolve(path).url_name is None:
        return NotFoundView.as_view()(request)
    return _redirect(HttpResponsePermanentRedirect, escape_leading_slashes(quote(path)), request)


def root_with_slash(request: HttpRequest) -> HttpResponseBase:
    """Redirect `/api` to the address of the API's index."""
    return _redirect(HttpResponseRedirect, "/api/", request)


def _redirect(to: type[HttpResponseRedirectBase], path: str, request: HttpRequest) -> HttpResponseBase:
    """Redirect to a path with the request's query, which it repeats; without it that would be another request."""
    query = request.META.get("QUERY_STRING", "")
    if len(query) > _MAX_QUERY:
        return LongQueryView.as_view()(request)
    return to(f"{path}?{query}" if query else path, preserve_request=to is HttpResponsePermanentRedirect)


class NotFoundView(APIView):
    """Any other address under `/api/`: the error is JSON, not a page."""

    permission_classes = ()
    authentication_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is no such address.")


class LongQueryView(NotFoundView):
    """An address that redirects, with a query that is too long to be repeated."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Invalid(f"This address redirects, and repeats a query of {_MAX_QUERY} characters at most.")
