"""Which renderer of a view answers a request."""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from .api import JsonRenderer


class IgnoreAccept(DefaultContentNegotiation):
    """Ignores the Accept header: what it asks for is that of a download, but the response may be a JSON error."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        renderer: BaseRenderer = JsonRenderer()
        return renderer, renderer.media_type
