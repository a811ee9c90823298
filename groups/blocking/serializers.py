"""The shapes of requests and responses about whom one has blocked."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Id, WholeNumber
from foundation.validation import Input

from .selectors import MAX_PAGE
from .services import MAX_BLOCKED


class BlockedRefInput(serializers.Serializer[Any]):
    userId = Id(source="user_id")


class ListBlockedInput(Input):
    """Which page of those whom you have blocked: the first, or the one after `cursor`."""

    cursor = Id(required=False, help_text="The `nextCursor` of the page before.")
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE)


class BlockSerializer(serializers.Serializer[Any]):
    """Somebody whom you have blocked."""

    userId = serializers.CharField()
    since = serializers.DateTimeField()


class BlockedUserSerializer(BlockSerializer):
    name = serializers.CharField()


class BlockedListSerializer(serializers.Serializer[Any]):
    """A page of those whom you have blocked, in the order of their ids."""

    blocked = BlockedUserSerializer(many=True, help_text=f"On all pages at most {MAX_BLOCKED}.")
    revision = serializers.IntegerField(help_text="That of your last `user_update` which is sure to be in these.")
    nextCursor = serializers.CharField(required=False, help_text="The `cursor` of the next page, if there is one.")
