"""The shapes of the data of `events`, for the documentation of the sockets."""

from typing import Any

from rest_framework import serializers

from .events import UserUpdated
from .serializers import UserSerializer


class UserUpdatedSerializer(serializers.Serializer[Any]):
    """Something that belongs to you alone was changed, perhaps on another device of yours."""

    revision = serializers.IntegerField(
        help_text="One more than that of the event before it, or of `ready`. After a gap, read your groups anew."
    )
    kind = serializers.ChoiceField(choices=[UserUpdated.READ_MARK, UserUpdated.PROFILE])
    user = UserSerializer(required=False, help_text="`profile`: you, as everybody may see you.")
    groupId = serializers.CharField(required=False, help_text="`read_mark`, as what follows.")
    parentId = serializers.CharField(required=False, help_text="The mark of a thread, not of the group.")
    read = serializers.IntegerField(required=False)
    unread = serializers.IntegerField(
        required=False, help_text="How many messages between `read` and `head` are unread."
    )
    head = serializers.IntegerField(required=False, help_text="The place in the log that `unread` was counted up to.")
