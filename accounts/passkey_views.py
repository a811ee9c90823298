"""The HTTP API of passkeys."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.api import call_async, request_data
from foundation.operations import Operation
from foundation.validation import validated
from users.actor import Actor

from . import passkey_serializers as shapes
from . import selectors, serializers
from .requests import client_of
from .services import passkey_sign_in, passkeys
from .services.passkeys import PasskeyAdded, PasskeyOffer
from .views import PublicView, SecretApiView, Wire, session_response, session_wire


class PasskeySignInOptionsView(PublicView):
    @extend_schema(
        operation_id="accounts_passkey_sign_in_options",
        auth=[],
        request=None,
        responses={200: shapes.PasskeyOfferSerializer},
    )
    def post(self, request: Request) -> Response:
        """Get what a browser is asked, to sign in by a passkey."""
        return Response(_offer(call_async(passkey_sign_in.begin_sign_in)))


class PasskeySignInView(PublicView):
    @extend_schema(
        operation_id="accounts_passkey_sign_in",
        auth=[],
        request=shapes.PasskeySignInInput,
        responses={201: serializers.SignedInSerializer},
    )
    def post(self, request: Request) -> Response:
        """Sign in by a passkey alone: it counts as both factors."""
        data = validated(shapes.PasskeySignInInput, request_data(request))
        client = client_of(request._request, device=data.pop("device", None))
        return session_response(call_async(passkey_sign_in.sign_in, client=client, **data))


class PasskeysView(SecretApiView):
    """Your passkeys, the oldest first."""

    @Operation("accounts_passkeys", None, shapes.PasskeyListSerializer)
    async def get(self, actor: Actor) -> Wire:
        """List your passkeys."""
        return {"passkeys": [passkey.as_wire() for passkey in await selectors.list_passkeys(actor=actor)]}

    @Operation("accounts_add_passkey", shapes.AddPasskeyInput, shapes.PasskeyAddedSerializer, statuses=(201,))
    def post(self, actor: Actor, **data: Any) -> Wire:
        """Keep the passkey that your browser has made.

        If it is your first second factor, all of your sessions end, another begins in place of this one, and you get
        recovery codes, which are shown this once.
        """
        client = client_of(self.request._request)
        added: PasskeyAdded = call_async(passkeys.add_passkey, actor=actor, client=client, **data)
        wire = added.passkey.as_wire()
        if added.session:
            wire |= {"recoveryCodes": added.recovery_codes, "session": session_wire(added.session)}
        return wire


class PasskeyOptionsView(SecretApiView):
    """What your browser is asked for a new passkey."""

    @Operation("accounts_passkey_options", serializers.OwnProofInput, shapes.PasskeyOfferSerializer)
    def post(self, actor: Actor, **data: Any) -> Wire:
        """Get what your browser is asked for a new passkey."""
        return _offer(call_async(passkeys.begin_passkey, actor=actor, **data))


class RemovePasskeyView(SecretApiView):
    """The end of a passkey."""

    @Operation("accounts_remove_passkey", shapes.PasskeyRefInput, None, statuses=(204,))
    def post(self, actor: Actor, **data: Any) -> None:
        """Take one of your passkeys away."""
        call_async(passkeys.remove_passkey, actor=actor, **data)


def _offer(offer: PasskeyOffer) -> Wire:
    return {"options": offer.options, "state": offer.state}
