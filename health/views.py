"""The HTTP API of health reports."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import call_unhurried, query_data
from foundation.errors import Unauthenticated, Unavailable
from foundation.validation import validated
from users.authentication import bearer_token
from users.session_cookies import read_session_cookie

from . import reports
from .access import PASS_COOKIE, may_see_figures
from .serializers import HealthInput, HealthSerializer, LiveSerializer, ReadySerializer
from .states import DOWN, OK

_NO_STORE = {"Cache-Control": "no-store"}


class PublicView(APIView):
    """Needs no authentication: a probe has no account."""

    authentication_classes = []
    permission_classes = []

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # Not 406 for a probe that accepts only text/plain: the server is healthy.
        return super().perform_content_negotiation(request, force=True)

    def respond(self, wire: dict[str, Any], *, serves: bool) -> Response:
        """Return 200, or 503 with when to ask again."""
        retry = {} if serves else Unavailable().headers()
        return Response(wire, status=200 if serves else 503, headers=_NO_STORE | retry)


def _with_figures(request: Request) -> bool:
    """Return whether the caller may see figures; a wrong token makes no difference to a probe that sends it."""
    try:
        token = bearer_token(request.headers.get("Authorization", ""))
    except Unauthenticated:
        return False
    token = token or read_session_cookie(request.COOKIES)
    return call_unhurried(may_see_figures, token, pass_cookie=request.COOKIES.get(PASS_COOKIE, ""))


class HealthView(PublicView):
    """Whether this server and its engines work: 200 while it serves, even if something is away, else 503.

    Anybody sees the states; figures and errors are for administrators, and for bearers of `HEALTH_TOKEN`.
    """

    @extend_schema(
        operation_id="health",
        auth=[],
        parameters=[HealthInput],
        responses={200: HealthSerializer, 503: HealthSerializer},
    )
    def get(self, request: Request) -> Response:
        query = validated(HealthInput, query_data(request, HealthInput().fields))
        report = call_unhurried(reports.get_report, scope=query["scope"])
        return self.respond(report.as_wire(figures=_with_figures(request)), serves=report.status != DOWN)


class LiveView(PublicView):
    """Whether this process responds, whatever the state of the engines; if it does not, restart it."""

    @extend_schema(operation_id="health_live", auth=[], responses=LiveSerializer)
    def get(self, request: Request) -> Response:
        return self.respond({"status": OK}, serves=True)


class ReadyView(PublicView):
    """Whether this process serves what it promises and is not about to end: 200, else 503; for balancers.

    It needs DynamoDB for that. While Redis or MongoDB is away it is ready: another process would do no better.
    """

    @extend_schema(operation_id="health_ready", auth=[], responses={200: ReadySerializer, 503: ReadySerializer})
    def get(self, request: Request) -> Response:
        status = call_unhurried(reports.get_readiness)
        return self.respond({"status": status}, serves=status == OK)
