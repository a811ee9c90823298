"""The shapes of the data of `events`."""

from typing import Any

from rest_framework import serializers

from .models import ROLES
from .serializers import GroupShape, GroupSummaryShape


class GroupChangedShape(serializers.Serializer[Any]):
    """A group was created or renamed."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField()
    userId = serializers.CharField(help_text="Who did it.")
    group = GroupShape()


class GroupEnteredShape(serializers.Serializer[Any]):
    """You were brought into a group: the group as you find it."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField()
    group = GroupSummaryShape()


class MemberChangeShape(serializers.Serializer[Any]):
    userId = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES, allow_null=True, help_text="Null: gone.")


class MembersChangedShape(serializers.Serializer[Any]):
    """People joined, left or changed role."""

    groupId = serializers.CharField()
    seq = serializers.IntegerField()
    userId = serializers.CharField(help_text="Who did it.")
    members = MemberChangeShape(many=True)
