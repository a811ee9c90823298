"""The shapes of what the HTTP API alone says of messages: each has the address of its page."""

from rest_framework import serializers

from . import serializers as shared


class MessageSerializer(shared.MessageSerializer):
    """A message; optional fields that are empty are left out."""

    link = serializers.CharField(help_text="The address of its page, from the server's root: members alone open it.")


class EditedSerializer(shared.EditedSerializer):
    message = MessageSerializer()


class SentSerializer(shared.SentSerializer):
    message = MessageSerializer()


class PageSerializer(shared.PageSerializer):
    messages = MessageSerializer(many=True)
    read = serializers.IntegerField(required=False, help_text="With `around`: your read mark.")


class ThreadSerializer(shared.ThreadSerializer):
    root = MessageSerializer()
    messages = MessageSerializer(many=True)
