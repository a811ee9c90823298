"""The shapes of the data of `events`, for the documentation of the sockets."""

from typing import Any

from rest_framework import serializers

from .events import UserUpdated

_KINDS = [UserUpdated.READ_MARK, UserUpdated.DRAFT, UserUpdated.SAVED]


class UserUpdatedSerializer(serializers.Serializer[Any]):
    """Something that belongs to you alone was changed, perhaps on another device of yours."""

    revision = serializers.IntegerField(
        help_text="One more than that of the event before it, or of `ready`. After a gap, read anew what you show."
    )
    kind = serializers.ChoiceField(choices=_KINDS)
    groupId = serializers.CharField()
    parentId = serializers.CharField(required=False, help_text="The mark, or the draft, of a thread, not of the group.")
    read = serializers.IntegerField(required=False, help_text="`read_mark`.")
    unread = serializers.IntegerField(
        required=False, help_text="`read_mark`: how many messages between `read` and `head` are unread."
    )
    head = serializers.IntegerField(
        required=False, help_text="`read_mark`: the place in the log that `unread` was counted up to."
    )
    content = serializers.CharField(required=False, help_text="`draft`: what is written so far; empty when cleared.")
    version = serializers.IntegerField(
        required=False, help_text="`draft`, `saved`: it only grows; of two events of one draft the greater is later."
    )
    updatedAt = serializers.DateTimeField(required=False, help_text="`draft`.")
    messageId = serializers.CharField(required=False, help_text="`saved`.")
    saved = serializers.BooleanField(required=False, help_text="`saved`: whether the message is saved now.")
    savedAt = serializers.DateTimeField(required=False, help_text="`saved`: since when.")
