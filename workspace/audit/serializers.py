"""Shapes of the audit log on the wire: input (`...Input`) and output (`...Serializer`)."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Cursor, Id, Moment, Text, WholeNumber

from . import selectors


class ActFilterInput(serializers.Serializer[Any]):
    act = Text(max_length=100, required=False, help_text="How the name of the act begins, such as `group.`.")
    by = Id(required=False, help_text="Who did it: a user's id, `operator`, `clerk`, `nobody` or `many`.")
    about = Id(required=False, help_text="An id that it was about: of a user, a group, a link, ...")
    before = Moment(required=False, help_text="Acts before this time.")
    after = Moment(required=False, help_text="Acts from this time on.")


class ListActsInput(ActFilterInput):
    cursor = Cursor(required=False)
    limit = WholeNumber(required=False, min_value=1, max_value=selectors.MAX_PAGE)


class ActSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    at = serializers.DateTimeField()
    act = serializers.CharField(help_text="What was done, such as `invitation.make`.")
    by = serializers.CharField(help_text="The id of the user who did it, `operator`, `clerk`, `nobody` or `many`.")
    about = serializers.DictField(help_text="Ids, numbers and flags by name.")
    sessionId = serializers.CharField(required=False, help_text="The session of whoever did it.")
    address = serializers.CharField(required=False, help_text="Where it was asked from.")
    count = serializers.IntegerField(required=False, help_text="How many it stands for, if more than one.")
    until = serializers.DateTimeField(required=False, help_text="When the last of them was.")


class ActPageSerializer(serializers.Serializer[Any]):
    acts = ActSerializer(many=True)
    nextCursor = serializers.CharField(
        required=False, help_text="Of the next page: there may be one after a page that is short, or empty."
    )
