"""The shape of what is unread in all the threads that a user follows: `ready` may have it too."""

from typing import Any

from rest_framework import serializers

from .selectors import MAX_COUNTED


class ThreadCountsSerializer(serializers.Serializer[Any]):
    """What is unread in the threads that you follow; on the first page of their list."""

    unreadThreads = serializers.IntegerField(
        required=False, help_text=f"How many have unread replies, of the {MAX_COUNTED} with the latest ones."
    )
    unreadMentions = serializers.IntegerField(required=False, help_text="How many unread replies in these name you.")
    unreadAlls = serializers.IntegerField(
        required=False, help_text="How many unread replies in these named everybody when they were sent."
    )
