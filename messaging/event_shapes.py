"""The shapes of the data of `events`, and of all that the server tells on its sockets: the one list of it."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from foundation.error_shapes import ErrorEventShape
from groups import event_shapes as group_shapes
from groups import events as group_events
from groups.serializers import GroupSummaryShape
from presence import event_shapes as presence_shapes
from presence import events as presence_events
from realtime.hub.change import Event

from . import events
from .serializers import MessageShape, ReactionShape

Shape = type[serializers.Serializer[Any]]


class ParentShape(serializers.Serializer[Any]):
    """What a reply changes of the message that it answers."""

    id = serializers.CharField()
    replyCount = serializers.IntegerField()


class MessageSentShape(MessageShape):
    """A message was sent."""

    parent = ParentShape(required=False, help_text="Replies only.")


class MessageEditedShape(serializers.Serializer[Any]):
    """A message was edited."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField(help_text="The place of the edit in the log, not of the message.")
    message = MessageShape()


class MessageDeletedShape(serializers.Serializer[Any]):
    """A message was deleted."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField(help_text="The place of the deletion in the log.")
    messageId = serializers.CharField()
    message = MessageShape(help_text="What is left of it.")


class ReactionsChangedShape(serializers.Serializer[Any]):
    """Someone reacted to a message, or took a reaction back."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField(help_text="The place of the change in the log.")
    messageId = serializers.CharField()
    reactions = ReactionShape(many=True, help_text="All that the message has now.")
    userId = serializers.CharField()
    emoji = serializers.CharField()
    action = serializers.ChoiceField(choices=["add", "remove"])


class TypingChangedShape(serializers.Serializer[Any]):
    """Someone types, or has stopped."""

    groupId = serializers.CharField()
    parentId = serializers.CharField(required=False, help_text="In a thread.")
    userId = serializers.CharField()
    name = serializers.CharField()
    typing = serializers.BooleanField()


class OneselfShape(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()


class ClientEnteredShape(serializers.Serializer[Any]):
    """You are in; the changes that `since` lacks come next, then live ones."""

    user = OneselfShape()
    groups = GroupSummaryShape(many=True)
    presence = serializers.DictField(
        child=serializers.ChoiceField(choices=presence_shapes.STATUSES),
        help_text="The status of those who are not offline, by user id.",
    )
    resumed = serializers.DictField(
        child=serializers.ChoiceField(choices=["changes", "reset"]),
        required=False,
        help_text="Of each group in `since`: exactly its changes come next, or it must be read anew.",
    )


class ServerLeavingShape(serializers.Serializer[Any]):
    """The server goes down."""

    retryAfter = serializers.FloatField(help_text="Come back after so many seconds.")


SHAPES: Mapping[type[Event], Shape] = {
    events.ClientEntered: ClientEnteredShape,
    events.MessageSent: MessageSentShape,
    events.MessageEdited: MessageEditedShape,
    events.MessageDeleted: MessageDeletedShape,
    events.ReactionsChanged: ReactionsChangedShape,
    group_events.GroupChanged: group_shapes.GroupChangedShape,
    group_events.GroupEntered: group_shapes.GroupEnteredShape,
    group_events.MembersChanged: group_shapes.MembersChangedShape,
    events.TypingChanged: TypingChangedShape,
    presence_events.PresenceChanged: presence_shapes.PresenceChangedShape,
    events.ServerLeaving: ServerLeavingShape,
}


def server_events() -> dict[str, list[Shape]]:
    """Return by wire name the shapes that each event's data may have."""
    found: dict[str, list[Shape]] = {}
    for event, shape in SHAPES.items():
        found.setdefault(str(event.name), []).append(shape)
    # The transports tell it too, which know no chat.
    return {**found, "error": [ErrorEventShape]}
