"""Shapes of accounts on the wire: input (`...Input`) and output (`...Serializer`)."""

from typing import Any

from rest_framework import serializers

from foundation import link_tokens
from foundation.fields import Choice, Cursor, Id, Label, Text, WholeNumber
from users.roles import GUEST, MEMBER, ROLES

from . import attempts, login_names, passwords
from .services import invitations

_LONGEST_CODE = 40


def _password(**kwargs: Any) -> Text:
    return Text(max_length=passwords.MAX_LENGTH, style={"input_type": "password"}, **kwargs)


class SignInInput(serializers.Serializer[Any]):
    # Longer than a name may be: whoever types another one is told the same as for a wrong password.
    login = Text(max_length=4 * login_names.MAX_LENGTH, help_text="The sign-in name.")
    password = _password()
    code = Text(
        max_length=_LONGEST_CODE,
        required=False,
        help_text="Of the second factor: six digits of the authenticator, or a recovery code.",
    )
    device = Text(
        max_length=attempts.MAX_DEVICE_LENGTH,
        required=False,
        help_text="The `device` of a sign-in before: attempts of this device are limited for themselves.",
    )


class AnswerChallengeInput(serializers.Serializer[Any]):
    challenge = Text(max_length=1000)
    code = Text(max_length=_LONGEST_CODE)


class JoinInput(serializers.Serializer[Any]):
    link = Text(source="token", max_length=link_tokens.MAX_LENGTH, help_text="What follows `link=` in the address.")
    login = Text(max_length=4 * login_names.MAX_LENGTH, help_text="The sign-in name.")
    password = _password()
    # The service validates the name; this limits its size.
    name = Text(max_length=1_000, required=False, help_text="What others see; not needed by whoever is known already.")


class LinkInput(serializers.Serializer[Any]):
    link = Text(source="token", max_length=link_tokens.MAX_LENGTH)


class ResetInput(serializers.Serializer[Any]):
    link = Text(source="token", max_length=link_tokens.MAX_LENGTH, help_text="What follows `link=` in the address.")
    password = _password()


class SignedInSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="The session token: send it as `Authorization: Bearer TOKEN`.")
    expiresAt = serializers.DateTimeField(help_text="When the token expires: then sign in again.")
    userId = serializers.CharField()
    sessionId = serializers.CharField()
    device = serializers.CharField(help_text="Keep it, and send it with the next sign-in from this device.")


class ChangePasswordInput(serializers.Serializer[Any]):
    currentPassword = _password(source="current_password")
    newPassword = _password(source="new_password")


class PasswordChangedSerializer(SignedInSerializer):
    ended = serializers.IntegerField(help_text="How many other sessions were ended.")


class EndedSerializer(serializers.Serializer[Any]):
    ended = serializers.IntegerField(help_text="How many sessions were ended.")


class ConfirmTotpInput(serializers.Serializer[Any]):
    code = Text(max_length=_LONGEST_CODE)


class OwnProofInput(serializers.Serializer[Any]):
    password = _password(
        required=False, help_text="Your own. An account without one must have signed in within five minutes."
    )


class DisableTotpInput(OwnProofInput):
    code = Text(max_length=_LONGEST_CODE, help_text="Of the authenticator, or a recovery code.")


class RenewCodesInput(OwnProofInput):
    code = Text(
        max_length=_LONGEST_CODE,
        required=False,
        help_text="Of the authenticator, or a recovery code; needed where there is an authenticator.",
    )


class TotpOfferSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="In base 32, for an authenticator into which it is typed.")
    uri = serializers.CharField(help_text="The `otpauth:` address that a QR code shows.")


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    recoveryCodes = serializers.ListField(
        child=serializers.CharField(), help_text="Each works once, in place of a code."
    )


class SecondFactorOnSerializer(SignedInSerializer, RecoveryCodesSerializer):
    pass


class OwnAccountSerializer(serializers.Serializer[Any]):
    userId = serializers.CharField()
    login = serializers.CharField()
    role = serializers.ChoiceField(ROLES, help_text="In the workspace.")
    email = serializers.CharField(required=False, help_text="Where a link for a forgotten password is mailed to.")
    secondFactor = serializers.BooleanField(help_text="Whether the password alone is not enough.")
    authenticator = serializers.BooleanField(help_text="Whether codes of an authenticator are a second factor.")
    passkeys = serializers.IntegerField(help_text="How many.")
    recoveryCodes = serializers.IntegerField(help_text="How many are left.")
    hasPassword = serializers.BooleanField()
    linked = serializers.BooleanField(help_text="Whether the provider of OpenID Connect signs you in.")
    mayAdminister = serializers.BooleanField()


class SessionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    device = serializers.CharField(help_text="What its client calls itself.")
    address = serializers.CharField(help_text="Where it was last seen: an IPv4 address, or an IPv6 network of 64 bits.")
    since = serializers.DateTimeField()
    seenAt = serializers.DateTimeField(help_text="To within some minutes.")
    current = serializers.BooleanField(help_text="Whether this request belongs to it.")


class SessionListSerializer(serializers.Serializer[Any]):
    sessions = SessionSerializer(many=True)


class SessionRefInput(serializers.Serializer[Any]):
    sessionId = Id(source="session_id")


class InviteInput(serializers.Serializer[Any]):
    expiresIn = WholeNumber(
        source="expires_in",
        required=False,
        min_value=60,
        max_value=invitations.MAX_INVITATION_SECONDS,
        help_text="In seconds; a week if not given.",
    )
    uses = WholeNumber(
        required=False, min_value=1, max_value=invitations.MAX_USES, help_text="How many people; 1 if not given."
    )
    email = serializers.EmailField(
        required=False,
        max_length=254,
        help_text="Where the server mails the link, which is not returned then; where EMAIL_HOST is set.",
    )
    note = Label(required=False, allow_blank=True, max_length=200, help_text="For the list of invitations.")
    userId = Id(
        source="user_id",
        required=False,
        help_text="Somebody who has no account yet, and keeps what they wrote; anybody new if not given.",
    )
    role = Choice(choices=(MEMBER, GUEST), required=False, help_text="Of who joins; `member` if not given.")
    password = _password(required=False, help_text="Your own; needed with `userId`.")


class ForgottenInput(serializers.Serializer[Any]):
    login = Text(max_length=4 * login_names.MAX_LENGTH, help_text="The sign-in name.")


class InvitationSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    uses = serializers.IntegerField()
    used = serializers.IntegerField()
    email = serializers.CharField(required=False)
    note = serializers.CharField(required=False)
    userId = serializers.CharField(required=False)
    role = serializers.ChoiceField(ROLES, required=False, help_text="Of who joins; a member where there is none.")
    createdBy = serializers.CharField()
    createdAt = serializers.DateTimeField()
    expiresAt = serializers.DateTimeField()
    void = serializers.BooleanField(required=False, help_text="Nobody joins by it: who has made it may not invite now.")


class NewInvitationSerializer(InvitationSerializer):
    url = serializers.CharField(
        required=False, help_text="The link to pass on: it is shown this once, and not at all if it was mailed."
    )


class InvitationListSerializer(serializers.Serializer[Any]):
    invitations = InvitationSerializer(many=True)


class InvitationRefInput(serializers.Serializer[Any]):
    invitationId = Id(source="invitation_id")


class ListAccountsInput(serializers.Serializer[Any]):
    cursor = Cursor(required=False)


class AccountSerializer(serializers.Serializer[Any]):
    userId = serializers.CharField()
    login = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(ROLES, help_text="In the workspace.")
    secondFactor = serializers.BooleanField()
    createdAt = serializers.DateTimeField()


class AccountListSerializer(serializers.Serializer[Any]):
    accounts = AccountSerializer(many=True)
    nextCursor = serializers.CharField(required=False, help_text="Of the next page, if there is one.")


class ResetLinkInput(OwnProofInput):
    userId = Id(source="user_id")
    clearSecondFactor = serializers.BooleanField(source="clear_second_factor", required=False)


class ResetLinkSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="The link to pass on: it is shown this once.")
    expiresAt = serializers.DateTimeField()
