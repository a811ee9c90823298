"""The shapes of requests and responses about sections."""

from typing import Any

from rest_framework import serializers

from foundation.fields import BoundedList, Flag, Id, Label, WholeNumber
from foundation.validation import Input

MAX_SECTIONS, MAX_NAME = 50, 80


class SectionInput(Input):
    """A section, as it is to be."""

    id = Id(required=False, allow_null=True, help_text="Of a section that you have; without it, it is a new one.")
    name = Label(max_length=MAX_NAME, trim_whitespace=True)
    collapsed = Flag(required=False, default=False)


class WriteSectionsInput(Input):
    """All of your sections, in their order."""

    sections = BoundedList(child=SectionInput(), max_length=MAX_SECTIONS)
    ifVersion = WholeNumber(source="if_version", help_text="The version that you have seen last; 0 for none.")


class SectionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    collapsed = serializers.BooleanField(help_text="Its groups are not shown until it is opened.")


class SectionsSerializer(serializers.Serializer[Any]):
    """Your sections, in their order; `own.sectionId` of a group says in which it is."""

    sections = SectionSerializer(many=True)
    version = serializers.IntegerField(help_text="It grows with each change.")
