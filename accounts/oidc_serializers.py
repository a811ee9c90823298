"""What the provider sends a browser back with, and what it says by itself."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Text

from .oidc.client import MAX_TOKEN_BYTES


class ProviderSignOutInput(serializers.Serializer[Any]):
    # As the standard calls it.
    logout_token = Text(source="token", max_length=MAX_TOKEN_BYTES)


class CallbackInput(serializers.Serializer[Any]):
    state = Text(max_length=200)
    code = Text(max_length=4096)
    iss = Text(source="issuer", max_length=500, required=False, default=None, allow_null=True)
