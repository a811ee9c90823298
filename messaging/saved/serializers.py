"""The shapes of requests and responses about saved messages."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Choice, Cursor, WholeNumber
from messaging.http_serializers import MessageSerializer
from messaging.serializers import MessageRefInput, RenderInput

MAX_PAGE = 100


class SaveMessageInput(MessageRefInput):
    """Save a message for later, or no longer."""

    action = Choice(choices=["add", "remove"])


class ListSavedInput(RenderInput):
    cursor = Cursor(parts=2, required=False)
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE)


class SavedChangeSerializer(serializers.Serializer[Any]):
    groupId = serializers.CharField()
    messageId = serializers.CharField()
    saved = serializers.BooleanField()
    version = serializers.IntegerField(help_text="It grows with each change of what you have saved.")
    savedAt = serializers.DateTimeField(required=False)


class SavedSerializer(serializers.Serializer[Any]):
    messageId = serializers.CharField()
    savedAt = serializers.DateTimeField()
    message = MessageSerializer(
        required=False, help_text="As it is now; left out of a group that you are no longer in."
    )


class SavedPageSerializer(serializers.Serializer[Any]):
    saved = SavedSerializer(many=True)
    nextCursor = serializers.CharField(required=False)
