"""The HTTP API of health reports."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import call_async, call_unhurried
from foundation.errors import Unauthenticated, Unavailable
from users.authentication import bearer_token
from users.session_cookies import read_session_cookie

from . import process, reports
from .access import may_see_figures
from .serializers import HealthSerializer, LiveSerializer

_NO_STORE = {"Cache-Control": "no-store"}


class PublicView(APIView):
    """Needs no authentication: a probe has no account."""

    authentication_classes = []
    permission_classes = []

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # Not 406 for a probe that accepts only text/plain: the server is healthy.
        return super().perform_content_negotiation(request, force=True)


def _with_figures(request: Request) -> bool:
    """Return whether the caller may see figures; a wrong token makes no difference to a probe that sends it."""
    try:
        token = bearer_token(request.headers.get("Authorization", ""))
    except Unauthenticated:
        return False
    return call_async(may_see_figures, token or read_session_cookie(request.COOKIES))


class HealthView(PublicView):
    """Whether this server and its engines work: 200 when all do, 503 otherwise.

    Anybody sees the states; figures and errors are for administrators, and for bearers of `HEALTH_TOKEN`.
    """

    @extend_schema(operation_id="health", auth=[], responses={200: HealthSerializer, 503: HealthSerializer})
    def get(self, request: Request) -> Response:
        report = call_unhurried(reports.get_report)
        retry = {} if report.ok else Unavailable().headers()
        wire = report.as_wire(figures=_with_figures(request))
        return Response(wire, status=200 if report.ok else 503, headers=_NO_STORE | retry)


class LiveView(PublicView):
    """Whether this process responds, whatever the state of the engines; if it does not, restart it."""

    @extend_schema(operation_id="health_live", auth=[], responses=LiveSerializer)
    def get(self, request: Request) -> Response:
        figures = call_async(process.describe) if _with_figures(request) else {}
        return Response({"status": "ok", "process": {"ok": True, **figures}}, headers=_NO_STORE)
