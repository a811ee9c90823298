"""Where the provider of OpenID Connect says that somebody has signed out there (Back-Channel Logout 1.0, 2.5)."""

from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.api import call_async, request_data
from foundation.validation import validated

from .oidc_serializers import ProviderSignOutInput
from .services.provider_sign_out import sign_out_by_provider
from .views import PublicView


class ProviderSignOutView(PublicView):
    """Whoever calls proves to be the provider by the token alone."""

    # The API's description is for those who call it, and this is called by the provider alone (docs/accounts.md).
    schema = None
    parser_classes = (FormParser,)

    def post(self, request: Request) -> Response:
        call_async(sign_out_by_provider, **validated(ProviderSignOutInput, request_data(request)))
        # It must not be kept (2.8).
        return Response(status=200, headers={"Cache-Control": "no-store"})
