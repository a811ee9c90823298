"""The shapes of the data of `events`, and the one list of all events that the server emits."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from foundation.error_serializers import ErrorEventSerializer
from groups import event_serializers as group_serializers
from groups import events as group_events
from groups.serializers import GroupSummarySerializer
from presence import event_serializers as presence_serializers
from presence import events as presence_events
from realtime.hub.change import Event
from users import events as user_events
from users.event_serializers import USER_UPDATES, UserUpdatedSerializer

from . import events
from .serializers import MessageSerializer, PinnedSerializer, ReactionSerializer, ThreadStateSerializer
from .threads.count_serializers import ThreadCountsSerializer

SerializerClass = type[serializers.Serializer[Any]]


class ParentSerializer(serializers.Serializer[Any]):
    """The message that a reply is to."""

    id = serializers.CharField()
    replyCount = serializers.IntegerField()


class MessageSentSerializer(MessageSerializer):
    """A message was sent."""

    parent = ParentSerializer(required=False, help_text="Replies only.")
    namesAll = serializers.BooleanField(
        required=False, help_text="It named everybody when it was sent, and counts in `all`, whatever it says now."
    )


class MessageEditedSerializer(serializers.Serializer[Any]):
    """A message was edited."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField(help_text="The place of the edit in the log, not of the message.")
    message = MessageSerializer()


class MessageDeletedSerializer(serializers.Serializer[Any]):
    """A message was deleted."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField(help_text="The place of the deletion in the log.")
    messageId = serializers.CharField()
    message = MessageSerializer(help_text="What is left of it.")


class ReactionsChangedSerializer(serializers.Serializer[Any]):
    """Someone reacted to a message, or took a reaction back."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField(help_text="The place of the change in the log.")
    messageId = serializers.CharField()
    reactions = ReactionSerializer(many=True, help_text="All that the message has now.")
    userId = serializers.CharField()
    emoji = serializers.CharField()
    action = serializers.ChoiceField(choices=["add", "remove"])


class PinChangedSerializer(serializers.Serializer[Any]):
    """Someone pinned a message, or unpinned it."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField(help_text="The place of the change in the log.")
    messageId = serializers.CharField()
    userId = serializers.CharField()
    action = serializers.ChoiceField(choices=["add", "remove"])
    pinned = PinnedSerializer(required=False, help_text="Whether it is pinned now, by whom and since when.")


class TypingChangedSerializer(serializers.Serializer[Any]):
    """Someone types, or has stopped."""

    groupId = serializers.CharField()
    parentId = serializers.CharField(required=False, help_text="In a thread.")
    userId = serializers.CharField()
    name = serializers.CharField()
    typing = serializers.BooleanField()


class CurrentUserSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()


class ClientReadySerializer(serializers.Serializer[Any]):
    """You are connected; the changes since `since` come next, then live ones."""

    user = CurrentUserSerializer()
    groups = GroupSummarySerializer(
        many=True, help_text="Those in `since` and those that were written to last; with `more`, not all of them."
    )
    more = serializers.BooleanField(
        required=False,
        help_text="There are more groups, in whose rooms you are too: GET /api/groups lists all, in pages.",
    )
    revision = serializers.IntegerField(help_text="That of your last `user_update`.")
    threads = ThreadCountsSerializer(
        required=False, help_text="For those who have asked for it with `threads` in their handshake."
    )
    presence = serializers.DictField(
        child=serializers.ChoiceField(choices=presence_serializers.STATUSES),
        help_text="The status of those who are not offline, by user id.",
    )
    resumed = serializers.DictField(
        child=serializers.ChoiceField(choices=["changes", "reset"]),
        required=False,
        help_text="Of each group in `since`: exactly its changes come next, or it must be read anew.",
    )


class ServerDrainingSerializer(serializers.Serializer[Any]):
    """The server is shutting down."""

    retryAfter = serializers.FloatField(help_text="Reconnect after so many seconds.")


SERIALIZERS: Mapping[type[Event], SerializerClass] = {
    events.ClientReady: ClientReadySerializer,
    events.MessageSent: MessageSentSerializer,
    events.MessageEdited: MessageEditedSerializer,
    events.MessageDeleted: MessageDeletedSerializer,
    events.ReactionsChanged: ReactionsChangedSerializer,
    events.PinChanged: PinChangedSerializer,
    group_events.GroupChanged: group_serializers.GroupChangedSerializer,
    group_events.GroupJoined: group_serializers.GroupJoinedSerializer,
    group_events.MembersChanged: group_serializers.MembersChangedSerializer,
    events.ThreadChanged: ThreadStateSerializer,
    events.TypingChanged: TypingChangedSerializer,
    presence_events.PresenceChanged: presence_serializers.PresenceChangedSerializer,
    presence_events.ProfileChanged: presence_serializers.ProfileChangedSerializer,
    user_events.UserUpdated: UserUpdatedSerializer,
    events.ServerDraining: ServerDrainingSerializer,
}


def server_events() -> dict[str, list[SerializerClass]]:
    """Return by wire name the shapes that each event's data may have."""
    by_name: dict[str, list[SerializerClass]] = {}
    for event, shape in SERIALIZERS.items():
        by_name.setdefault(str(event.name), []).append(shape)
    by_name[user_events.UserUpdated.name] = list(USER_UPDATES)
    # Not an event class of this app: the transports emit it too.
    return {**by_name, "error": [ErrorEventSerializer]}
