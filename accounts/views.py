"""The HTTP API of accounts."""

from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import JsonRenderer, call_async, request_data
from foundation.ids import iso_time
from foundation.operations import Operation, next_cursor
from foundation.validation import validated
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers
from .requests import client_of
from .services import credentials, forgetting, invitations, joining, sessions, signing_in
from .services.invitations import NewLink
from .services.sessions import SignedIn

Wire = dict[str, Any]


class SecretApiView(ApiView):
    """A view whose input or output has a secret: no answer is kept for a request that is sent again."""

    keeps_answers = False


class PublicView(APIView):
    """A view for whoever has no session yet. It sets no cookie, so another site's page gains nothing by calling it."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (JsonRenderer,)


class SignInView(PublicView):
    @extend_schema(
        operation_id="accounts_sign_in",
        auth=[],
        request=serializers.SignInInput,
        responses={201: serializers.SignedInSerializer},
    )
    def post(self, request: Request) -> Response:
        """Sign in by a sign-in name, a password and, where the account has a second factor, a code."""
        data = validated(serializers.SignInInput, request_data(request))
        client = client_of(_django(request), device=data.pop("device", None))
        return session_response(call_async(signing_in.sign_in, client=client, **data))


class JoinView(PublicView):
    @extend_schema(
        operation_id="accounts_join",
        auth=[],
        request=serializers.JoinInput,
        responses={201: serializers.SignedInSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make an account by an invitation link, and sign in."""
        data = validated(serializers.JoinInput, request_data(request))
        return session_response(call_async(joining.join, client=client_of(_django(request)), **data))


class ResetView(PublicView):
    @extend_schema(operation_id="accounts_reset", auth=[], request=serializers.ResetInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a password by the link of a reset; all sessions of the account end."""
        call_async(credentials.reset_password, **validated(serializers.ResetInput, request_data(request)))
        return Response(status=204)


class ForgottenView(PublicView):
    @extend_schema(
        operation_id="accounts_forgotten", auth=[], request=serializers.ForgottenInput, responses={202: None}
    )
    def post(self, request: Request) -> Response:
        """Have a link to set a new password mailed to whoever has this sign-in name, if they have an address here."""
        data = validated(serializers.ForgottenInput, request_data(request))
        call_async(forgetting.request_reset, client=client_of(_django(request)), **data)
        return Response(status=202)


class OwnAccountView(ApiView):
    """Your account."""

    @Operation("accounts_me", None, serializers.OwnAccountSerializer)
    async def get(self, actor: Actor) -> Wire:
        """Get your account."""
        return (await selectors.get_own_account(actor=actor)).as_wire()


class SignOutView(ApiView):
    """The end of the session that the request belongs to."""

    @Operation("accounts_sign_out", None, None, statuses=(204,))
    def post(self, actor: Actor) -> None:
        """Sign out: the session's tokens are refused and its sockets closed within two seconds."""
        call_async(sessions.sign_out, actor=actor)


class PasswordView(SecretApiView):
    """Your password."""

    @Operation("accounts_change_password", serializers.ChangePasswordInput, serializers.PasswordChangedSerializer)
    def post(self, actor: Actor, **passwords: Any) -> Wire:
        """Change your password; all of your sessions end, and another begins in place of this one."""
        client = client_of(_django(self.request))
        changed = call_async(credentials.change_password, actor=actor, client=client, **passwords)
        return session_wire(changed.session) | {"ended": changed.ended}


class TotpView(SecretApiView):
    """Your second factor."""

    @Operation("accounts_begin_totp", serializers.OwnProofInput, serializers.TotpOfferSerializer, statuses=(201,))
    def post(self, actor: Actor, **data: Any) -> Wire:
        """Get a secret for your authenticator; it counts once you have confirmed it."""
        offer = call_async(credentials.begin_totp, actor=actor, **data)
        return {"secret": offer.secret, "uri": offer.uri}


class ConfirmTotpView(SecretApiView):
    """The confirmation of a second factor."""

    @Operation("accounts_confirm_totp", serializers.ConfirmTotpInput, serializers.SecondFactorOnSerializer)
    def post(self, actor: Actor, **data: Any) -> Wire:
        """Turn your second factor on by its first code, and get the recovery codes, which are shown this once.

        All of your sessions end, and another begins in place of this one.
        """
        client = client_of(_django(self.request))
        turned_on = call_async(credentials.confirm_totp, actor=actor, client=client, **data)
        return session_wire(turned_on.session) | {"recoveryCodes": turned_on.recovery_codes}


class DisableTotpView(SecretApiView):
    """The end of a second factor."""

    @Operation("accounts_disable_totp", serializers.DisableTotpInput, None, statuses=(204,))
    def post(self, actor: Actor, **data: Any) -> None:
        """Take your second factor away."""
        call_async(credentials.disable_totp, actor=actor, **data)


class RecoveryCodesView(SecretApiView):
    """Your recovery codes."""

    @Operation("accounts_renew_recovery_codes", serializers.RenewCodesInput, serializers.RecoveryCodesSerializer)
    def post(self, actor: Actor, **data: Any) -> Wire:
        """Get other recovery codes, which are shown this once; those before work no more."""
        return {"recoveryCodes": call_async(credentials.renew_recovery_codes, actor=actor, **data)}


class SessionsView(ApiView):
    """Your sessions, the latest first."""

    @Operation("accounts_sessions", None, serializers.SessionListSerializer)
    async def get(self, actor: Actor) -> Wire:
        """List where you are signed in."""
        found = await selectors.list_sessions(actor=actor)
        return {"sessions": [session.as_wire(actor.session_id) for session in found]}

    @Operation("accounts_end_other_sessions", None, serializers.EndedSerializer)
    def delete(self, actor: Actor) -> Wire:
        """End all of your sessions but this one."""
        return {"ended": call_async(sessions.end_other_sessions, actor=actor)}


class SessionView(ApiView):
    """One of your sessions."""

    @Operation("accounts_end_session", serializers.SessionRefInput, None, statuses=(204,))
    def delete(self, actor: Actor, **session: Any) -> None:
        """End one of your sessions."""
        call_async(sessions.end_session, actor=actor, **session)


class InvitationsView(SecretApiView):
    """The invitations that may still be used, the latest first; for administrators."""

    @Operation("accounts_invitations", None, serializers.InvitationListSerializer)
    async def get(self, actor: Actor) -> Wire:
        """List the invitations that may still be used."""
        return {"invitations": [link.as_wire() for link in await selectors.list_invitations(actor=actor)]}

    @Operation("accounts_invite", serializers.InviteInput, serializers.NewInvitationSerializer, statuses=(201,))
    def post(self, actor: Actor, **data: Any) -> Wire:
        """Make an invitation: a link by which people make accounts of their own."""
        made: NewLink = call_async(invitations.invite, actor=actor, **data)
        return made.link.as_wire() | ({} if made.link.email else {"url": made.address})


class InvitationView(ApiView):
    """One invitation."""

    @Operation("accounts_revoke_invitation", serializers.InvitationRefInput, None, statuses=(204,))
    def delete(self, actor: Actor, **invitation: Any) -> None:
        """Revoke an invitation."""
        call_async(invitations.revoke_invitation, actor=actor, **invitation)


class AccountsView(ApiView):
    """All accounts, in pages, sorted by sign-in name; for administrators."""

    @Operation("accounts_list", serializers.ListAccountsInput, serializers.AccountListSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **query: Any) -> Wire:
        """List the accounts."""
        page = await selectors.list_accounts(actor=actor, **query)
        accounts = {"accounts": [entry.as_wire() for entry in page.accounts]}
        return accounts | ({"nextCursor": page.next_cursor} if page.next_cursor else {})


class ResetLinkView(SecretApiView):
    """The link by which somebody sets a new password."""

    @Operation("accounts_make_reset_link", serializers.ResetLinkInput, serializers.ResetLinkSerializer, statuses=(201,))
    def post(self, actor: Actor, **data: Any) -> Wire:
        """Make a link by which somebody sets a new password, once, within a day."""
        made: NewLink = call_async(invitations.make_reset_link, actor=actor, **data)
        return {"url": made.address, "expiresAt": iso_time(made.link.expires_at)}


def _django(request: Request) -> HttpRequest:
    return request._request


def session_response(signed_in: SignedIn) -> Response:
    return Response(session_wire(signed_in), status=201)


def session_wire(signed_in: SignedIn) -> Wire:
    return {
        "token": signed_in.token,
        "expiresAt": iso_time(signed_in.expires_at),
        "userId": signed_in.user.id,
        "sessionId": signed_in.session_id,
        "device": signed_in.device,
    }
