"""The shapes of the data of `events`, for the documentation of the sockets."""

from typing import Any

from rest_framework import serializers

from .models import ROLES
from .serializers import GroupSerializer, GroupSummarySerializer


class GroupChangedSerializer(serializers.Serializer[Any]):
    """A group was changed: it has another name, topic, description, visibility or policy, or was archived."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField()
    userId = serializers.CharField(help_text="Who did it.")
    group = GroupSerializer()


class GroupJoinedSerializer(serializers.Serializer[Any]):
    """You were brought into a group: the group as you find it."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField()
    group = GroupSummarySerializer()


class MemberChangeSerializer(serializers.Serializer[Any]):
    userId = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES, allow_null=True, help_text="Null for someone who left.")


class MembersChangedSerializer(serializers.Serializer[Any]):
    """People joined, left or changed role."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField()
    userId = serializers.CharField(help_text="Who did it.")
    members = MemberChangeSerializer(many=True)
