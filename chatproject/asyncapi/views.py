"""Serves the document as JSON and as a page, without signing in, like the description of the HTTP API."""

import asyncio
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from web.shell import page

from .document import document
from .page import page_context


class AsyncApiView(APIView):
    """The socket events in AsyncAPI 3.0."""

    permission_classes = ()
    authentication_classes = ()
    renderer_classes = (JSONRenderer,)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(document())


@require_safe
@page
async def events(request: HttpRequest) -> HttpResponse:
    # Rendered on a thread: it takes longer than anybody should have the loop.
    return await asyncio.to_thread(_render, request)


def _render(request: HttpRequest) -> HttpResponse:
    return render(request, "asyncapi/events.html", _page_context())


@cache
def _page_context() -> dict[str, Any]:
    return page_context(document())
