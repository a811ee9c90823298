"""The door of Clerk's webhooks."""

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import call_async

from . import services
from .serializers import WebhookInput

_HEADERS = [
    OpenApiParameter(name, location=OpenApiParameter.HEADER, required=True, description=description)
    for name, description in (
        ("svix-id", "Of this delivery; the same when it is repeated."),
        ("svix-timestamp", "In seconds since 1970, within five minutes."),
        ("svix-signature", "`v1,` and the base64 of the HMAC-SHA256 of `<id>.<timestamp>.<body>`; several by spaces."),
    )
]


class WebhookView(APIView):
    """Where Clerk sends its events; 404 unless CLERK_WEBHOOK_SIGNING_SECRET is set.

    Only Svix can sign them. An event that was handled before, or that says nothing to this server, is answered alike.
    """

    authentication_classes = []
    permission_classes = []

    @extend_schema(
        operation_id="clerk_webhook",
        auth=[],
        parameters=_HEADERS,
        request=WebhookInput,
        responses={204: OpenApiResponse(description="It was handled, or does not concern this server.")},
    )
    def post(self, request: Request) -> Response:
        # The body as it came: the signature is over its bytes. DRF's own `data` is not touched.
        body = request._request.body
        headers = {name.lower(): value for name, value in request.headers.items()}
        call_async(services.receive_webhook, body=body, headers=headers)
        return Response(status=204)
