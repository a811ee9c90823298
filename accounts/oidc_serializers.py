"""What the provider sends a browser back with."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Text


class CallbackInput(serializers.Serializer[Any]):
    state = Text(max_length=200)
    code = Text(max_length=4096)
    iss = Text(source="issuer", max_length=500, required=False, default=None, allow_null=True)
