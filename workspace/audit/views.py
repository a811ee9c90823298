"""The HTTP API of the audit log."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from django.core.exceptions import RequestAborted
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from foundation.api import JsonRenderer
from foundation.errors import AppError, MethodNotAllowed
from foundation.negotiation import IgnoreAccept
from foundation.operations import Operation, next_cursor
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services

Wire = dict[str, Any]


class AuditView(ApiView):
    """The administrative acts, the latest first; for administrators."""

    @Operation("audit_list", serializers.ListActsInput, serializers.ActPageSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **query: Any) -> Wire:
        """List administrative acts: who has done what, when, and from where."""
        page = await selectors.list_acts(actor=actor, **query)
        wire: Wire = {"acts": [act.as_wire() for act in page.acts]}
        return wire | ({"nextCursor": page.next_cursor} if page.next_cursor else {})


class AuditExportView(ApiView):
    """The administrative acts as a file; for administrators."""

    content_negotiation_class = IgnoreAccept
    renderer_classes = (JsonRenderer,)

    # As bytes for those who generate clients.
    @extend_schema(
        responses={(200, kind): OpenApiTypes.BINARY for kind in ("application/octet-stream", "application/x-ndjson")}
    )
    @Operation("audit_export", serializers.ActFilterInput)
    async def get(self, actor: Actor, **query: Any) -> StreamingHttpResponse:
        """Download administrative acts as newline-delimited JSON, one `Act` a line, the latest first.

        An export that ends early is cut off, not closed. It is an act itself: `audit.export`.
        """
        if self.request.method == "HEAD":
            # That would be no export.
            raise MethodNotAllowed
        lines = await services.export_acts(actor=actor, **query)
        response = StreamingHttpResponse(_read_quietly(lines), content_type="application/x-ndjson")
        response["Content-Disposition"] = 'attachment; filename="audit.ndjson"'
        response["Cache-Control"] = "no-store"
        return response


async def _read_quietly(lines: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield the lines; when the store fails, cut the response off: Django drops this exception without a traceback."""
    try:
        async for piece in lines:
            yield piece
    except AppError as error:
        raise RequestAborted from error
