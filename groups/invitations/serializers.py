"""The shapes of requests and responses about links to groups, and about what somebody is asked to join."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Cursor, Id, Label, Text, WholeNumber
from foundation.link_tokens import MAX_LENGTH
from groups.serializers import GroupRefInput, PeerSerializer

from .selectors import MAX_ASKED
from .services import MAX_EXPIRES_IN, MAX_USES

MAX_NOTE = 100


class MakeLinkInput(GroupRefInput):
    """How often and how long a link may be used."""

    expiresIn = WholeNumber(
        source="expires_in",
        required=False,
        min_value=60,
        max_value=MAX_EXPIRES_IN,
        help_text="In seconds: a week if not given, 90 days at most.",
    )
    uses = WholeNumber(required=False, min_value=1, max_value=MAX_USES, help_text="How many people: one if not given.")
    note = Label(required=False, allow_blank=True, max_length=MAX_NOTE, help_text="For those who see the list.")


class LinkRefInput(GroupRefInput):
    linkId = Id(source="link_id")


class UseLinkInput(serializers.Serializer[Any]):
    link = Text(source="token", max_length=MAX_LENGTH, help_text="What follows `link=` in the address.")


class InvitationLinkSerializer(serializers.Serializer[Any]):
    """A link by which people join a group."""

    id = serializers.CharField()
    groupId = serializers.CharField()
    uses = serializers.IntegerField(help_text="How many people may join by it.")
    used = serializers.IntegerField(help_text="How many have.")
    createdBy = serializers.CharField(help_text="A user's id. It is void while they may not invite people.")
    createdAt = serializers.DateTimeField()
    expiresAt = serializers.DateTimeField()
    note = serializers.CharField(required=False)
    void = serializers.BooleanField(required=False, help_text="Nobody joins by it: who has made it may not invite now.")


class NewInvitationLinkSerializer(InvitationLinkSerializer):
    """A new link: its address is shown this once."""

    url = serializers.CharField(help_text="The address to pass on.")


class InvitationLinkListSerializer(serializers.Serializer[Any]):
    """The links that may still be used, the latest first."""

    links = InvitationLinkSerializer(many=True)


class LinkedGroupSerializer(serializers.Serializer[Any]):
    """The group that a link leads to."""

    id = serializers.CharField()
    name = serializers.CharField()
    memberCount = serializers.IntegerField(required=False)
    isMember = serializers.BooleanField(help_text="Whether you are in it already.")


class InvitationToGroupSerializer(serializers.Serializer[Any]):
    """A group that you are asked to join: POST to its `rejoin`, or decline."""

    groupId = serializers.CharField()
    name = serializers.CharField()
    askedBy = PeerSerializer()
    askedAt = serializers.DateTimeField()


class InvitationToGroupListSerializer(serializers.Serializer[Any]):
    """What you are asked to join, the latest first, a hundred at most."""

    invitations = InvitationToGroupSerializer(many=True)
    count = serializers.IntegerField(help_text="How many they are: `user_update` says when to ask anew.")


class ListAskedInput(GroupRefInput):
    cursor = Cursor(required=False)
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_ASKED)


class AskedRefInput(GroupRefInput):
    userId = Id(source="user_id")


class AskedSerializer(serializers.Serializer[Any]):
    """Somebody whom the group asks to join."""

    userId = serializers.CharField()
    askedBy = serializers.CharField(help_text="A user's id.")
    askedAt = serializers.DateTimeField()


class AskedListSerializer(serializers.Serializer[Any]):
    """Whom the group asks to join, in the order of their ids."""

    asked = AskedSerializer(many=True)
    nextCursor = serializers.CharField(required=False, help_text="Absent on the last page.")
