"""The shapes of requests and responses about what a member has set of a group."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Choice, Flag, Id, Moment
from foundation.validation import Input

from .own_settings import LEVELS


class ChangeOwnSettingsInput(Input):
    """What is given is changed."""

    groupId = Id(source="group_id")
    level = Choice(choices=LEVELS, required=False, help_text="Which messages you want to be told of.")
    muted = Flag(required=False, help_text="For ever, or until `mutedUntil`.")
    mutedUntil = Moment(source="muted_until", required=False, allow_null=True)
    favourite = Flag(required=False)
    sectionId = Id(
        source="section_id",
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="One of your sections; null, or empty: none.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the changes: `mutedUntil` mutes, and an empty section stands for none."""
        if attrs.get("muted_until") is None:
            attrs.pop("muted_until", None)
        elif not attrs.setdefault("muted", True):
            raise serializers.ValidationError({"mutedUntil": "What is not muted has no end of it."})
        if "section_id" in attrs:
            attrs["section_id"] = attrs["section_id"] or ""
        if attrs.keys() == {"group_id"}:
            raise serializers.ValidationError({"level": "Give something to change."})
        return attrs


class OwnSettingsSerializer(serializers.Serializer[Any]):
    """What you have set of a group; nobody else sees it."""

    level = serializers.ChoiceField(choices=LEVELS, help_text="Which messages you want to be told of.")
    muted = serializers.BooleanField()
    mutedUntil = serializers.DateTimeField(required=False, help_text="From then on it is not muted; without it, ever.")
    favourite = serializers.BooleanField()
    sectionId = serializers.CharField(required=False, help_text="Of which section of yours; one that is gone: none.")
    version = serializers.IntegerField(help_text="Of two states of these settings, the later one has the larger one.")


class OwnGroupSettingsSerializer(OwnSettingsSerializer):
    groupId = serializers.CharField()
