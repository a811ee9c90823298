"""The shapes of the directory of public groups."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Cursor, Text, WholeNumber
from groups.serializers import GroupSerializer

from .selectors import MAX_SHOWN, SHOWN


class FindGroupsInput(serializers.Serializer[Any]):
    """Which page of the public groups: the first, or the one after `cursor`."""

    q = Text(
        source="query",
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="How the name, or a word of it, starts; case and accents do not count.",
    )
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_SHOWN, help_text=f"{SHOWN} if not given.")
    cursor = Cursor(required=False)


class FoundGroupSerializer(GroupSerializer):
    """A public group; `joined` says whether you are in it."""

    memberCount = serializers.IntegerField(required=False)
    joined = serializers.BooleanField()


class DirectorySerializer(serializers.Serializer[Any]):
    """A page of the public groups, in the order of what they were found by."""

    groups = FoundGroupSerializer(many=True)
    nextCursor = serializers.CharField(required=False, help_text="The `cursor` of the next page, if there is one.")
