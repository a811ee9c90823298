"""The HTTP API of health reports."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import call_async, call_unhurried
from foundation.errors import Unavailable

from . import process, reports
from .serializers import HealthSerializer, LiveSerializer

_NO_STORE = {"Cache-Control": "no-store"}


class PublicView(APIView):
    """Needs no authentication: a probe has no account."""

    authentication_classes = []
    permission_classes = []

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # Not 406 for a probe that accepts only text/plain: the server is healthy.
        return super().perform_content_negotiation(request, force=True)


class HealthView(PublicView):
    """Whether this server and its engines work: 200 when all do, 503 otherwise."""

    @extend_schema(operation_id="health", auth=[], responses={200: HealthSerializer, 503: HealthSerializer})
    def get(self, request: Request) -> Response:
        report = call_unhurried(reports.get_report)
        retry = {} if report.ok else Unavailable().headers()
        return Response(report.as_wire(), status=200 if report.ok else 503, headers=_NO_STORE | retry)


class LiveView(PublicView):
    """Whether this process responds, whatever the state of the engines; if it does not, restart it."""

    @extend_schema(operation_id="health_live", auth=[], responses=LiveSerializer)
    def get(self, request: Request) -> Response:
        return Response({"status": "ok", "process": {"ok": True, **call_async(process.describe)}}, headers=_NO_STORE)
