"""The shape of Clerk's webhooks, for the API's description."""

from typing import Any

from rest_framework import serializers


class WebhookInput(serializers.Serializer[Any]):
    """What this server reads of an event of Clerk; the rest is passed over."""

    type = serializers.CharField(help_text="Such as `user.updated`, `user.deleted`, `session.revoked`.")
    data = serializers.DictField(  # type: ignore[assignment] # the name is Clerk's
        help_text="Clerk's user or session; of a deleted user the id alone."
    )
