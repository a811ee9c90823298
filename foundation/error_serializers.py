"""The shape of an error on the wire: the same in HTTP bodies, acknowledgements and `error` events."""

from typing import Any

from rest_framework import serializers

from .errors import error_classes_by_code


class ErrorSerializer(serializers.Serializer[Any]):
    """Why a request failed."""

    code = serializers.ChoiceField(choices=list(error_classes_by_code(http=False)))
    message = serializers.CharField(help_text="A sentence for a person.")
    retryable = serializers.BooleanField(help_text="Whether the same request may succeed later.")
    retryAfter = serializers.FloatField(required=False, help_text="Seconds to wait before a retry.")
    fields = serializers.DictField(  # type: ignore[assignment] # the wire's own word
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong, in sentences, by the input's name.",
    )


class HttpErrorSerializer(ErrorSerializer):
    """Why a request over HTTP failed."""

    code = serializers.ChoiceField(choices=list(error_classes_by_code()))


class ErrorResponseSerializer(serializers.Serializer[Any]):
    """The body of a response that refuses a request."""

    error = HttpErrorSerializer()


class ErrorEventSerializer(ErrorSerializer):
    """An event that asked for no acknowledgement failed, or the session is over."""

    event = serializers.CharField(required=False, help_text="The client's event that failed.")


class ConnectErrorSerializer(serializers.Serializer[Any]):
    """The handshake was refused."""

    message = serializers.CharField()
    data = ErrorSerializer()  # type: ignore[assignment] # the wire's own word
