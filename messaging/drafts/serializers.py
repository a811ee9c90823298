"""The shapes of requests and responses about drafts."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Id, WholeNumber
from messaging.serializers import Content, ThreadRefInput


class DraftRefInput(ThreadRefInput):
    """Which draft: of a group, or of one of its threads."""

    ifVersion = WholeNumber(
        source="if_version",
        required=False,
        allow_null=True,
        help_text="The version that you have seen last, 0 for none: refused if the draft has another one by now.",
    )


class WriteDraftInput(DraftRefInput):
    """Keep what you have written so far; without content, the draft is cleared."""

    content = Content(allow_blank=True)


class ListDraftsInput(serializers.Serializer[Any]):
    groupId = Id(source="group_id", required=False, help_text="Those of this group and its threads alone.")


class DraftSerializer(serializers.Serializer[Any]):
    groupId = serializers.CharField()
    parentId = serializers.CharField(required=False)
    content = serializers.CharField(help_text="Empty if it was cleared, in the last two days.")
    version = serializers.IntegerField(help_text="It grows with each write.")
    updatedAt = serializers.DateTimeField()


class WrittenDraftSerializer(serializers.Serializer[Any]):
    draft = DraftSerializer()


class DraftsSerializer(serializers.Serializer[Any]):
    drafts = DraftSerializer(many=True)
    revision = serializers.IntegerField(help_text="That of your last `user_update` which is sure to be in these.")
