"""The shapes of requests and responses about the threads that people follow."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Cursor, WholeNumber
from foundation.validation import Input
from groups.models import DIRECT, GROUP
from messaging.http_serializers import MessageSerializer
from messaging.serializers import CountsSerializer, MessageRefInput, RenderInput

from .count_serializers import ThreadCountsSerializer
from .selectors import MAX_PAGE


class ListThreadsInput(RenderInput, Input):
    """Which page of the threads that you follow: the first, or the one after `cursor`."""

    cursor = Cursor(required=False, help_text="The `nextCursor` of the page before.")
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE, help_text="20 if not given.")


class FollowThreadInput(MessageRefInput):
    """The message that opened the thread."""


class SetFollowingInput(MessageRefInput):
    """Follow the thread of a message, or stop."""

    following = serializers.BooleanField()


class FollowingSerializer(serializers.Serializer[Any]):
    messageId = serializers.CharField(help_text="The message that opened the thread.")
    following = serializers.BooleanField()


class NamedGroupSerializer(serializers.Serializer[Any]):
    """A group that you are in, or a direct conversation, which has the other person's name."""

    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=[GROUP, DIRECT])


class FollowedThreadSerializer(CountsSerializer):
    """A thread that you follow."""

    root = MessageSerializer()
    group = NamedGroupSerializer()
    replyCount = serializers.IntegerField()
    lastReply = MessageSerializer(required=False)


class FollowedThreadsSerializer(ThreadCountsSerializer):
    """A page of the threads that you follow, those with the latest reply first."""

    threads = FollowedThreadSerializer(many=True)
    nextCursor = serializers.CharField(required=False, help_text="The `cursor` of the next page, if there is one.")
