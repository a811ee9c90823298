"""The shape of a refusal on the wire: the same in HTTP bodies, acknowledgements and events."""

from typing import Any

from rest_framework import serializers

from .errors import kinds_by_code


class ErrorSerializer(serializers.Serializer[Any]):
    """Why something was refused."""

    code = serializers.ChoiceField(choices=list(kinds_by_code()))
    message = serializers.CharField(help_text="A sentence for a person.")
    retryable = serializers.BooleanField(help_text="Whether the same, sent again later, may succeed.")
    retryAfter = serializers.FloatField(required=False, help_text="After how many seconds.")
    fields = serializers.DictField(  # type: ignore[assignment] # the wire's own word
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong, in sentences, by the name of the input.",
    )


class ErrorEventSerializer(ErrorSerializer):
    """What was sent without asking for an answer is refused, or the session is over."""

    event = serializers.CharField(required=False, help_text="The client's event that is meant.")


class ConnectErrorSerializer(serializers.Serializer[Any]):
    """The handshake was refused."""

    message = serializers.CharField()
    data = ErrorSerializer()  # type: ignore[assignment] # the wire's own word
