"""The shapes of requests and responses about a person's inbox."""

from typing import Any

from rest_framework import serializers

from foundation.fields import BoundedList, Choice, Cursor, Id, WholeNumber
from foundation.validation import Input
from messaging.http_serializers import MessageSerializer
from messaging.serializers import RenderInput
from messaging.threads.serializers import NamedGroupSerializer

from .rows import KINDS, MAX_ITEMS
from .selectors import MAX_PAGE


class ListInboxInput(RenderInput, Input):
    """Which page of your inbox: the first, or the one after `cursor`."""

    cursor = Cursor(parts=2, required=False, help_text="The `nextCursor` of the page before.")
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE, help_text="30 if not given.")
    kind = Choice(choices=KINDS, required=False, help_text="Only items of this kind; `unread` counts all.")


class ReadItemsInput(Input):
    """Mark items of your inbox as read."""

    itemIds = BoundedList(
        child=Id(max_length=200),
        source="item_ids",
        allow_null=True,
        max_length=100,
        help_text="Which; null: all that there are.",
    )


class ItemSerializer(serializers.Serializer[Any]):
    """Somebody has named you, replied in a thread of yours, or reacted to what you wrote, or you are reminded."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    at = serializers.DateTimeField()
    unread = serializers.BooleanField()
    userId = serializers.CharField(help_text="Who has done it; of a reminder, you.")
    emoji = serializers.CharField(required=False, help_text="Of a reaction.")
    group = NamedGroupSerializer()
    message = MessageSerializer(help_text="As it is now.")


class InboxSerializer(serializers.Serializer[Any]):
    """A page of your inbox, newest first."""

    items = ItemSerializer(many=True, help_text=f"Of the last 90 days, and the newest {MAX_ITEMS} at most.")
    unread = serializers.IntegerField(help_text="How many items are unread, on all pages.")
    nextCursor = serializers.CharField(required=False, help_text="The `cursor` of the next page, if there is one.")


class UnreadSerializer(serializers.Serializer[Any]):
    unread = serializers.IntegerField(help_text="How many items of your inbox are left unread.")
