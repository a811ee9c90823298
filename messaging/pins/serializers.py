"""The shapes of requests and responses about pins."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Choice
from groups.serializers import GroupRefInput
from messaging.http_serializers import MessageSerializer
from messaging.serializers import MessageRefInput, PinnedSerializer, RenderInput


class PinInput(MessageRefInput):
    """Pin a message in its group, or unpin it."""

    action = Choice(choices=["add", "remove"])


class ListPinsInput(GroupRefInput, RenderInput):
    """The pinned messages of a group."""


class PinChangeSerializer(serializers.Serializer[Any]):
    messageId = serializers.CharField()
    pinned = PinnedSerializer(required=False)


class PinsSerializer(serializers.Serializer[Any]):
    messages = MessageSerializer(many=True)
