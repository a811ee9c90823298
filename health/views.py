"""The HTTP door of health: for load balancers, and for whoever wonders what is wrong."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import serve

from . import process, reports
from .serializers import HealthSerializer, LiveSerializer

_NEVER_KEPT = {"Cache-Control": "no-store"}


class OpenView(APIView):
    """Open to everybody: a probe has no account."""

    authentication_classes = []
    permission_classes = []

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # A probe that accepts only plain text must not find a healthy server unacceptable.
        return super().perform_content_negotiation(request, force=True)


class HealthView(OpenView):
    """Whether this server and its engines work: 200 when all do, 503 otherwise."""

    @extend_schema(operation_id="health", auth=[], responses={200: HealthSerializer, 503: HealthSerializer})
    def get(self, request: Request) -> Response:
        report = serve(reports.latest_report)
        return Response(report.as_wire(), status=200 if report.ok else 503, headers=_NEVER_KEPT)


class LiveView(OpenView):
    """Whether this process answers, whatever the engines do: restart it when it does not."""

    @extend_schema(operation_id="health_live", auth=[], responses=LiveSerializer)
    def get(self, request: Request) -> Response:
        return Response({"status": "ok", "process": {"ok": True, **serve(process.describe)}}, headers=_NEVER_KEPT)
