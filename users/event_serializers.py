"""The shapes of the data of `events`, for the documentation of the sockets."""

from typing import Any

from rest_framework import serializers

from .events import UserUpdated


class UserUpdatedSerializer(serializers.Serializer[Any]):
    """Something that belongs to you alone was changed, perhaps on another device of yours."""

    revision = serializers.IntegerField(
        help_text="One more than that of the event before it, or of `ready`. After a gap, read your groups anew."
    )
    kind = serializers.ChoiceField(
        choices=[UserUpdated.READ_MARK, UserUpdated.MENTIONS],
        help_text="`read_mark`: you have read something, or marked it unread. `mentions`: other messages name you.",
    )
    groupId = serializers.CharField()
    parentId = serializers.CharField(required=False, help_text="The mark of a thread, not of the group.")
    read = serializers.IntegerField(required=False, help_text="Of `read_mark`, as `unread`, `all` and `head`.")
    unread = serializers.IntegerField(
        required=False, help_text="How many messages of others between `read` and `head` are unread."
    )
    all = serializers.IntegerField(required=False, help_text="Of a group: how many of them name everybody.")
    head = serializers.IntegerField(
        required=False, help_text="The place in the log that `unread` and `all` were counted up to."
    )
    mentions = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="The seqs of unread messages that name you."
    )
    version = serializers.IntegerField(
        required=False, help_text="Of two states of a mark, the later one has the larger version."
    )
