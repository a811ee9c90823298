"""The door of Clerk's webhooks."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import call_async

from . import services


class WebhookView(APIView):
    """Where Clerk sends its events; 404 unless CLERK_WEBHOOK_SIGNING_SECRET is set.

    Only Svix can sign them. An event that was handled before, or that says nothing to this server, is answered alike.
    """

    # The API's description is for those who call it, and this is called by Svix alone (docs/clerk.md).
    schema = None
    authentication_classes = []
    permission_classes = []

    def post(self, request: Request) -> Response:
        # The body as it came: the signature is over its bytes. DRF's own `data` is not touched.
        body = request._request.body
        headers = {name.lower(): value for name, value in request.headers.items()}
        call_async(services.receive_webhook, body=body, headers=headers)
        return Response(status=204)
