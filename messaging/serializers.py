"""The shapes of requests and responses about messages: the same for HTTP, sockets and pages."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from files.serializers import FileReferenceSerializer
from foundation.fields import BoundedList, Choice, ComposedText, Emoji, Id, Text, WholeNumber
from foundation.validation import Input
from foundation.visible import has_stacked_marks, shows_something

from .place_input import PlaceInput
from .selectors import MAX_PAGE


class Content(ComposedText):
    """A message's text, stored as it was typed but in NFC, up to MAX_CONTENT_LENGTH characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=settings.MAX_CONTENT_LENGTH, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if has_stacked_marks(value):
            raise serializers.ValidationError("It has too many marks on one letter.")
        return value


class SendMessageInput(Input):
    """Send a message; it needs some text or a file."""

    groupId = Id(source="group_id")
    content = Content(allow_blank=True, default="")
    clientId = Text(
        source="client_id",
        max_length=64,
        required=False,
        allow_null=True,
        help_text="A name of your own for this message: sent again under it, it is stored once.",
    )
    after = WholeNumber(
        required=False,
        allow_null=True,
        help_text="The last seq of the group that you had seen when you first tried; at most some 20,000 entries back.",
    )
    parentId = Id(source="parent_id", required=False, allow_null=True, help_text="The message that this replies to.")
    attachments = BoundedList(
        child=Id(),
        required=False,
        max_length=settings.MAX_ATTACHMENTS,
        help_text="The ids of uploaded files. A file belongs to one message: upload it again for another.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attachments = attrs.get("attachments") or []
        if not attachments and not shows_something(attrs["content"]):
            raise serializers.ValidationError({"content": "A message needs some text or a file."})
        if len(set(attachments)) != len(attachments):
            raise serializers.ValidationError({"attachments": "A file can be attached once."})
        return attrs


class MessageRefInput(serializers.Serializer[Any]):
    messageId = Id(source="message_id")


class RenderInput(serializers.Serializer[Any]):
    render = Choice(choices=["html"], required=False, help_text="Messages have their text as HTML too, in `html`.")


class ReadMessageInput(MessageRefInput, RenderInput):
    """A message, if need be with its text as HTML."""


class EditMessageInput(MessageRefInput):
    """Change the text of a message of your own."""

    content = Content()
    ifVersion = WholeNumber(
        source="if_version",
        required=False,
        allow_null=True,
        min_value=1,
        help_text="Refuse the edit if the message has another version by now.",
    )

    def validate_content(self, value: str) -> str:
        if not shows_something(value):
            raise serializers.ValidationError("A message needs some text: delete it instead.")
        return value


class DeleteMessageInput(MessageRefInput):
    """Delete a message for good; deleting it again changes nothing."""


class ReactionInput(MessageRefInput):
    """Add or remove your reaction to a message."""

    emoji = Emoji()
    action = Choice(choices=["add", "remove"])


class ThreadRefInput(serializers.Serializer[Any]):
    """A group, or one of its threads."""

    groupId = Id(source="group_id")
    parentId = Id(source="parent_id", required=False, allow_null=True, help_text="The message that opened the thread.")


class MarkReadInput(ThreadRefInput):
    """Move your read mark forward; it never moves back."""

    seq = WholeNumber()


class MarkUnreadInput(MessageRefInput):
    """Move your read mark back to before a message: what follows it is unread, but what you wrote yourself."""


class TypingInput(ThreadRefInput):
    """Show the others that you type, or have stopped."""

    typing = serializers.BooleanField()


class ThreadSyncInput(ThreadRefInput, PlaceInput):
    """Ask for the newest messages or others of a group or a thread, and with `since` for the changes that follow it."""

    since = WholeNumber(required=False, allow_null=True)
    before = WholeNumber(
        required=False,
        allow_null=True,
        min_value=1,
        help_text="The seq of the first message that you have: the page ends before it.",
    )
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE)


class ListMessagesInput(PlaceInput, RenderInput):
    """Which page of a group's messages: the newest `limit`, those before or after a seq, or those around a message."""

    groupId = Id(source="group_id")
    before = WholeNumber(required=False, min_value=1)
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE)


class ListThreadInput(ReadMessageInput):
    before = WholeNumber(required=False, min_value=1)
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE)


class ListChangesInput(RenderInput):
    """The changes of a group that follow the seq `since`."""

    groupId = Id(source="group_id")
    since = WholeNumber()
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE)


class MentionsSerializer(serializers.Serializer[Any]):
    """Whom a message names: `<@userId>` of members, `<@teamId>` of teams, `<!all>`, `<!here>`."""

    userIds = serializers.ListField(
        child=serializers.CharField(), help_text="Whom it names by themselves: at most 50, without the people of teams."
    )
    teamIds = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="At most 5: of each, who was in the group then."
    )
    all = serializers.BooleanField(required=False)
    here = serializers.BooleanField(required=False)


class PinnedSerializer(serializers.Serializer[Any]):
    """Who pinned a message, and when."""

    userId = serializers.CharField()
    createdAt = serializers.DateTimeField()


class ReactionSerializer(serializers.Serializer[Any]):
    emoji = serializers.CharField()
    userIds = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField()


class MessageSerializer(serializers.Serializer[Any]):
    """A message; optional fields that are empty are left out."""

    id = serializers.CharField()
    content = serializers.CharField(
        help_text="Markdown: CommonMark, mentions (`<@userId>`, `<@teamId>`, `<!all>`, `<!here>`), `:emoji:`."
    )
    html = serializers.CharField(
        required=False, help_text="For those who have asked for it: the content, safe to show."
    )
    userId = serializers.CharField()
    groupId = serializers.CharField()
    seq = serializers.IntegerField()
    createdAt = serializers.DateTimeField()
    version = serializers.IntegerField()
    updatedAt = serializers.DateTimeField(required=False)
    parentId = serializers.CharField(required=False)
    replyCount = serializers.IntegerField(required=False)
    attachments = FileReferenceSerializer(many=True, required=False)
    mentions = MentionsSerializer(required=False)
    reactions = ReactionSerializer(many=True, required=False)
    edited = serializers.BooleanField(required=False)
    deleted = serializers.BooleanField(required=False)
    clientId = serializers.CharField(required=False)
    pinned = PinnedSerializer(required=False)


class EditedSerializer(serializers.Serializer[Any]):
    message = MessageSerializer()


class SentSerializer(EditedSerializer):
    duplicate = serializers.BooleanField(required=False, help_text="The message was stored already: this was a retry.")


class CountsSerializer(serializers.Serializer[Any]):
    """What is unread of a group, or of a thread."""

    read = serializers.IntegerField(help_text="The place of your read mark.")
    unread = serializers.IntegerField(help_text="How many messages, or replies, of others lie after it.")
    mentions = serializers.ListField(
        child=serializers.IntegerField(), help_text="The seqs of those that name you, the newest 100 at most."
    )
    all = serializers.IntegerField(help_text="How many of them name everybody.")
    version = serializers.IntegerField(help_text="Of two states of a mark, the later one has the larger version.")


class DeletionSerializer(serializers.Serializer[Any]):
    """`seq` is the place of the deletion in the group's log."""

    messageId = serializers.CharField()
    seq = serializers.IntegerField()


class ReactionsSerializer(serializers.Serializer[Any]):
    messageId = serializers.CharField()
    reactions = ReactionSerializer(many=True)


class PageSerializer(serializers.Serializer[Any]):
    messages = MessageSerializer(many=True)
    hasMore = serializers.BooleanField(help_text="There are older ones: ask again with `before`, the seq of the first.")
    head = serializers.IntegerField()
    hasNewer = serializers.BooleanField(
        required=False,
        help_text="With `after` and `around`: there are newer ones, to be had with `after`, the seq of the last.",
    )
    around = serializers.IntegerField(required=False, help_text="The seq of the message that the page is around.")
    unreadFrom = serializers.IntegerField(
        required=False, help_text="With `around`: the seq of the first unread message, if there is one."
    )


class ThreadSerializer(CountsSerializer, PageSerializer):
    # Its pages end before a seq.
    hasNewer = around = unreadFrom = None  # type: ignore[assignment] # DRF's own way to take declared fields away
    root = MessageSerializer()
    following = serializers.BooleanField(help_text="Whether you follow the thread.")


class ChangeSerializer(serializers.Serializer[Any]):
    """One entry of a group's log, as it is sent on a socket: an event's name and its data."""

    event = serializers.CharField()
    seq = serializers.IntegerField()
    data = serializers.DictField()  # type: ignore[assignment] # the name on the wire


class ChangesSerializer(serializers.Serializer[Any]):
    changes = ChangeSerializer(many=True)
    head = serializers.IntegerField()
    hasMore = serializers.BooleanField()
    reset = serializers.BooleanField(required=False)


class ThreadStateSerializer(CountsSerializer, PageSerializer):
    """The newest messages of a group, or of a thread; `changes` or `reset` when `since` was given."""

    groupId = serializers.CharField()
    parentId = serializers.CharField(required=False)
    root = MessageSerializer(required=False, help_text="The message that opened the thread.")
    following = serializers.BooleanField(required=False, help_text="Of a thread: whether you follow it.")
    changes = ChangeSerializer(many=True, required=False)
    reset = serializers.BooleanField(
        required=False, help_text="`since` lies too far back: start again from these messages."
    )


class ReadSerializer(CountsSerializer):
    """What is unread in a group, or in a thread, as of `head`."""

    head = serializers.IntegerField(help_text="The end of the log, or of the thread, up to which it was counted.")
