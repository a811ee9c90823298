"""The shapes of what there is about texts: whom they may name, and what they said before."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Text, WholeNumber
from groups.serializers import GroupRefInput

from .mentionable import MAX_SHOWN
from .serializers import MessageRefInput


class MentionableInput(GroupRefInput):
    """Whom one may name in a group, by how the name, a word of it, or the handle starts."""

    search = Text(source="query", required=False, allow_blank=True, max_length=64, help_text="How the name starts.")
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_SHOWN, help_text="10 if not given.")


class MentionableUserSerializer(serializers.Serializer[Any]):
    userId = serializers.CharField()
    name = serializers.CharField()
    handle = serializers.CharField(required=False)


class MentionableTeamSerializer(serializers.Serializer[Any]):
    teamId = serializers.CharField(help_text="Written as `<@teamId>`.")
    handle = serializers.CharField()
    name = serializers.CharField()


class MentionableSerializer(serializers.Serializer[Any]):
    """Whom the caller may name; `everybody` has what is written as `<!all>` and `<!here>`."""

    users = MentionableUserSerializer(many=True)
    teams = MentionableTeamSerializer(many=True)
    everybody = serializers.ListField(child=serializers.ChoiceField(choices=["all", "here"]))


class VersionSerializer(serializers.Serializer[Any]):
    """A text that a message has had; `id` is the message's."""

    id = serializers.CharField()
    version = serializers.IntegerField()
    content = serializers.CharField()
    html = serializers.CharField(required=False)
    createdAt = serializers.DateTimeField(required=False, help_text="Not known of the oldest after 50 edits.")


class VersionsSerializer(serializers.Serializer[Any]):
    versions = VersionSerializer(many=True)


class HistoryInput(MessageRefInput):
    """Ask what a message said before it was edited."""


class FittingVersionsSerializer(VersionsSerializer):
    """The texts of a message, the oldest first, as many of the newest as fit into a packet."""

    hasMore = serializers.BooleanField(
        required=False, help_text="Older ones are left out: GET /api/messages/<id>/history has them."
    )
