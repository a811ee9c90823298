"""Shapes of passkeys on the wire. What browsers make and take of them is JSON of WebAuthn's own."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Id, Label, Text

from . import attempts, ceremonies, passkeys
from .serializers import OwnProofInput, SignedInSerializer


def _state() -> Text:
    return Text(max_length=ceremonies.MAX_STATE_LENGTH, help_text="As it came with the options.")


def _credential(function: str) -> Text:
    return Text(
        max_length=passkeys.MAX_LENGTH,
        help_text=f"What `navigator.credentials.{function}()` returned: the JSON of its `toJSON()`, as a string.",
    )


class PasskeyOfferSerializer(serializers.Serializer[Any]):
    options = serializers.DictField(
        help_text=(
            "For `PublicKeyCredential.parseCreationOptionsFromJSON()` or `parseRequestOptionsFromJSON()`, and then the"
            " `publicKey` of `navigator.credentials`."
        )
    )
    state = serializers.CharField(help_text="To be sent back with the answer, once, within five minutes.")


class PasskeySignInInput(serializers.Serializer[Any]):
    state = _state()
    credential = _credential("get")
    device = Text(
        max_length=attempts.MAX_DEVICE_LENGTH,
        required=False,
        help_text="The `device` of a sign-in before.",
    )


class SecondFactorOptionsInput(serializers.Serializer[Any]):
    challenge = Text(max_length=1000)


class AddPasskeyInput(serializers.Serializer[Any]):
    state = _state()
    credential = _credential("create")
    name = Label(max_length=60, help_text="What you call it.")


class PasskeyRefInput(OwnProofInput):
    passkeyId = Id(source="passkey_id")


class PasskeySerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    synced = serializers.BooleanField(help_text="Whether a password manager keeps it on several devices.")
    createdAt = serializers.DateTimeField()
    usedAt = serializers.DateTimeField(required=False)


class PasskeyListSerializer(serializers.Serializer[Any]):
    passkeys = PasskeySerializer(many=True)


class PasskeyAddedSerializer(PasskeySerializer):
    recoveryCodes = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="With the first second factor: each works once, in place of it.",
    )
    session = SignedInSerializer(
        required=False, help_text="With the first second factor: the session in place of all before, this one too."
    )
