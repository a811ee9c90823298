"""The index of the API, for developers with a browser."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from foundation.errors import NotFound

_NAMES = ("me", "users", "groups", "messages", "files", "upload", "health", "docs", "schema", "events", "asyncapi")


class ApiRoot(APIView):
    """The addresses of the API."""

    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response({name: reverse(name, request=request) for name in _NAMES})


class NotFoundView(APIView):
    """Any other address under `/api/`: the error is JSON, not a page."""

    permission_classes = ()
    authentication_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is no such address.")
