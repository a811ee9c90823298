"""The shapes of requests and responses about quotes."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Id, Text, WholeNumber
from messaging.serializers import Content, MessageRefInput


class QuoteInput(MessageRefInput):
    """Ask for a text that quotes a message."""


class ForwardMessageInput(MessageRefInput):
    """Send a message that you can read to another group of yours, as a quote with a link."""

    groupId = Id(source="group_id", help_text="The group to send it to.")
    content = Content(allow_blank=True, required=False, help_text="What you say to it.")
    clientId = Text(
        source="client_id",
        max_length=64,
        required=False,
        allow_null=True,
        help_text="A name of your own for the new message: sent again under it, it is stored once.",
    )
    after = WholeNumber(required=False, allow_null=True, help_text="As of `message`, in the group to send it to.")


class QuoteSerializer(serializers.Serializer[Any]):
    content = serializers.CharField(help_text="Markdown, to go on below; it names nobody.")
