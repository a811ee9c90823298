"""The shapes of searches and what they find."""

from typing import Any

from rest_framework import serializers

from files.serializers import FileReferenceSerializer
from foundation.fields import Choice, Cursor, Text, WholeNumber
from foundation.validation import Input
from messaging import http_serializers
from messaging.serializers import MessageSerializer, RenderInput
from messaging.threads.serializers import NamedGroupSerializer
from users.serializers import UserSerializer

from .by_name import MAX_FILES, MAX_PEOPLE
from .query import MAX_LENGTH
from .ranking import WINDOW
from .selectors import MAX_PAGE, ORDERS


class SearchInput(Input):
    """Find messages by any part of their text, and by operators."""

    q = Text(
        source="query",
        max_length=MAX_LENGTH,
        help_text='Words, `"phrases"`, and `from: in: mentions: has: is: before: after: on:`; `-` excludes.',
    )
    order = Choice(
        choices=ORDERS,
        required=False,
        help_text=f"`newest` first if not given; `best`: those of the newest {WINDOW} that match best, then the next.",
    )
    cursor = Cursor(required=False)
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE, help_text="20 if not given.")


class SearchPageInput(RenderInput, SearchInput):
    """The same, of the HTTP API."""


class PieceSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    match = serializers.BooleanField(help_text="Whether it is what was searched for.")


class FoundMessageSerializer(serializers.Serializer[Any]):
    message = MessageSerializer(help_text="As it is now.")
    group = NamedGroupSerializer()
    excerpt = PieceSerializer(many=True, help_text="The part around the first match, in order.")


class FoundFileSerializer(serializers.Serializer[Any]):
    file = FileReferenceSerializer()
    messageId = serializers.CharField(help_text="The message that it is attached to.")
    group = NamedGroupSerializer()


class FoundSerializer(serializers.Serializer[Any]):
    """A page of what was found, in the order that was asked for."""

    items = FoundMessageSerializer(many=True, help_text="Fewer than asked for, or none, if it took too long.")
    people = UserSerializer(
        many=True, required=False, help_text=f"On the first page: those who are called so, {MAX_PEOPLE} of them."
    )
    morePeople = serializers.BooleanField(required=False, help_text="There may be more people who are called so.")
    files = FoundFileSerializer(
        many=True, required=False, help_text=f"On the first page: by their names, {MAX_FILES} of the latest messages."
    )
    moreFiles = serializers.BooleanField(required=False, help_text="There may be more files that are called so.")
    nextCursor = serializers.CharField(required=False, help_text="Of the next page; without it this is the last.")


class FoundLinkedMessageSerializer(FoundMessageSerializer):
    message = http_serializers.MessageSerializer(help_text="As it is now.")


class FoundPageSerializer(FoundSerializer):
    items = FoundLinkedMessageSerializer(many=True, help_text="Fewer than asked for, or none, if it took too long.")
