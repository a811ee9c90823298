"""The shapes of the data of `events`, for the documentation of the sockets."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from .events import UserUpdated
from .serializers import PreferencesSerializer, UserSerializer
from .user import ADDABLE_BY


class _UserUpdateSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField(
        help_text="One more than that of the event before it, or of `ready`. After a gap, read anew what you show."
    )


def _mentions() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.IntegerField(),
        help_text="The seqs of unread messages, or replies, that name you.",
    )


def _version() -> serializers.IntegerField:
    return serializers.IntegerField(help_text="Of two states of a mark, the later one has the larger version.")


class UserUpdatedSerializer(_UserUpdateSerializer):
    """You have read something, or marked it unread, perhaps on another device of yours."""

    kind = serializers.ChoiceField(choices=[UserUpdated.READ_MARK])
    groupId = serializers.CharField()
    parentId = serializers.CharField(required=False, help_text="The mark of a thread, not of the group.")
    read = serializers.IntegerField()
    unread = serializers.IntegerField(help_text="How many messages of others between `read` and `head` are unread.")
    all = serializers.IntegerField(help_text="How many of them name everybody.")
    head = serializers.IntegerField(help_text="The place in the log that `unread` and `all` were counted up to.")
    mentions = _mentions()
    version = _version()


class MentionsUpdatedSerializer(_UserUpdateSerializer):
    """Other messages of a group name you than before."""

    kind = serializers.ChoiceField(choices=[UserUpdated.MENTIONS])
    groupId = serializers.CharField()
    mentions = _mentions()
    version = _version()


class ThreadMentionsUpdatedSerializer(_UserUpdateSerializer):
    """Other replies of a thread name you than before."""

    kind = serializers.ChoiceField(choices=[UserUpdated.THREAD_MENTIONS])
    groupId = serializers.CharField()
    parentId = serializers.CharField(help_text="The message that opened the thread.")
    mentions = _mentions()
    version = _version()


class ThreadUpdatedSerializer(_UserUpdateSerializer):
    """You follow a thread, or no longer do; with `replyCount`, one that you follow has new replies of others."""

    kind = serializers.ChoiceField(choices=[UserUpdated.THREAD])
    groupId = serializers.CharField()
    parentId = serializers.CharField(help_text="The message that opened the thread.")
    following = serializers.BooleanField()
    replyCount = serializers.IntegerField(required=False)


class InboxUpdatedSerializer(_UserUpdateSerializer):
    """Items of your inbox were added, removed or read: ask for it anew. A `read_mark` may have read some too."""

    kind = serializers.ChoiceField(choices=[UserUpdated.INBOX])
    change = serializers.ChoiceField(choices=["added", "removed", "read"])
    itemIds = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Which; without it, any may have been."
    )


class DraftUpdatedSerializer(_UserUpdateSerializer):
    """You have written on a draft, perhaps on another device."""

    kind = serializers.ChoiceField(choices=[UserUpdated.DRAFT])
    groupId = serializers.CharField()
    parentId = serializers.CharField(required=False, help_text="The draft of a reply in its thread.")
    content = serializers.CharField(allow_blank=True, help_text="What is written so far; empty when cleared.")
    version = serializers.IntegerField(help_text="Of two events of one draft, the one with the greater is later.")
    updatedAt = serializers.DateTimeField()


class SavedUpdatedSerializer(_UserUpdateSerializer):
    """You have saved a message, or no longer do."""

    kind = serializers.ChoiceField(choices=[UserUpdated.SAVED])
    groupId = serializers.CharField()
    messageId = serializers.CharField()
    saved = serializers.BooleanField()
    version = serializers.IntegerField(help_text="It only grows, over all that you save.")
    savedAt = serializers.DateTimeField(required=False, help_text="Since when it is saved.")


class ProfileUpdatedSerializer(_UserUpdateSerializer):
    """You have another profile."""

    kind = serializers.ChoiceField(choices=[UserUpdated.PROFILE])
    user = UserSerializer(help_text="You, as everybody may see you.")


class GroupSettingsUpdatedSerializer(_UserUpdateSerializer):
    """You have set something of a group for yourself: take over all of it."""

    kind = serializers.ChoiceField(choices=[UserUpdated.GROUP_SETTINGS])
    groupId = serializers.CharField()
    level = serializers.ChoiceField(
        choices=["all", "mentions", "nothing"], help_text="Which messages you want to be told of."
    )
    muted = serializers.BooleanField()
    mutedUntil = serializers.DateTimeField(required=False, help_text="From then on it is not muted; without it, ever.")
    favourite = serializers.BooleanField()
    sectionId = serializers.CharField(required=False, help_text="In which of your sections it is.")
    version = serializers.IntegerField(help_text="Of two states of these settings, the later one has the larger one.")


class OwnSectionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    collapsed = serializers.BooleanField()


class SectionsUpdatedSerializer(_UserUpdateSerializer):
    """You have other sections in your list of groups: all of them, in their order."""

    kind = serializers.ChoiceField(choices=[UserUpdated.SECTIONS])
    sections = OwnSectionSerializer(many=True)
    version = serializers.IntegerField(help_text="It grows with each change.")


class TeamUpdatedSerializer(_UserUpdateSerializer):
    """You are in a team, in another role than before, or no longer."""

    kind = serializers.ChoiceField(choices=[UserUpdated.TEAM])
    teamId = serializers.CharField()
    handle = serializers.CharField(help_text="What the team is called.")
    role = serializers.ChoiceField(choices=["manager", "member"], allow_null=True, help_text="null: no longer in it.")


class BlockedUpdatedSerializer(_UserUpdateSerializer):
    """You have blocked somebody, or no longer do, perhaps on another device."""

    kind = serializers.ChoiceField(choices=[UserUpdated.BLOCKED])
    userId = serializers.CharField()
    blocked = serializers.BooleanField()


class PrivacyUpdatedSerializer(_UserUpdateSerializer):
    """You have said anew who may add you to groups."""

    kind = serializers.ChoiceField(choices=[UserUpdated.PRIVACY])
    addableBy = serializers.ChoiceField(choices=ADDABLE_BY)


class PreferencesUpdatedSerializer(_UserUpdateSerializer, PreferencesSerializer):
    """You want the web chat to look or work otherwise."""

    kind = serializers.ChoiceField(choices=[UserUpdated.PREFERENCES])


class InvitationUpdatedSerializer(_UserUpdateSerializer):
    """Somebody asks you to join a group; or you have said no, perhaps on another device."""

    kind = serializers.ChoiceField(choices=[UserUpdated.INVITATION])
    groupId = serializers.CharField()
    asked = serializers.BooleanField()


class NoticeSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    at = serializers.DateTimeField()
    text = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=["message", "user"], help_text="What it is about: a message of yours, or you."
    )
    messageId = serializers.CharField(required=False)
    readAt = serializers.DateTimeField(required=False)


class NoticeUpdatedSerializer(_UserUpdateSerializer):
    """Administrators have told you something, or you have read it."""

    kind = serializers.ChoiceField(choices=[UserUpdated.NOTICE])
    notice = NoticeSerializer()


class ReportsUpdatedSerializer(_UserUpdateSerializer):
    """You administer the workspace, and something was reported or decided."""

    kind = serializers.ChoiceField(choices=[UserUpdated.REPORTS])
    open = serializers.IntegerField(help_text="How many cases there are for you to decide, up to 500.")


class _PlanSerializer(serializers.Serializer[Any]):
    """What is planned; users/ knows no more of it: see `GET /api/scheduled` and `GET /api/reminders`."""

    id = serializers.CharField()
    groupId = serializers.CharField()
    at = serializers.DateTimeField()
    localTime = serializers.CharField(required=False, help_text="The time of day that is meant, in `timeZone`.")
    timeZone = serializers.CharField(required=False)
    version = serializers.IntegerField()
    createdAt = serializers.DateTimeField()


class PlanErrorSerializer(serializers.Serializer[Any]):
    """Why a message was not sent."""

    code = serializers.CharField()
    message = serializers.CharField()


class ScheduledSerializer(_PlanSerializer):
    """A message that you have planned."""

    parentId = serializers.CharField(required=False, help_text="It is a reply to this message.")
    content = serializers.CharField()
    state = serializers.ChoiceField(
        choices=["waiting", "taken", "refused"],
        help_text="`taken`: it is being sent. `refused`: it could not be sent; change it, or drop it.",
    )
    error = PlanErrorSerializer(required=False, help_text="Why it was refused.")


class ReminderSerializer(_PlanSerializer):
    """A reminder of a message."""

    messageId = serializers.CharField()


class ScheduledUpdatedSerializer(_UserUpdateSerializer):
    """A message that you have planned was added, changed or cancelled, was sent (`done`), or could not be."""

    kind = serializers.ChoiceField(choices=[UserUpdated.SCHEDULED])
    change = serializers.ChoiceField(choices=["added", "changed", "cancelled", "refused", "done"])
    scheduled = ScheduledSerializer()
    messageId = serializers.CharField(required=False, help_text="Of the message that was sent.")


class ReminderUpdatedSerializer(_UserUpdateSerializer):
    """A reminder was added, moved by new rules of its time zone (`changed`) or cancelled, or has come (`done`).

    Then it is in your inbox.
    """

    kind = serializers.ChoiceField(choices=[UserUpdated.REMINDER])
    change = serializers.ChoiceField(choices=["added", "changed", "cancelled", "done"])
    reminder = ReminderSerializer()


class ToldSettingsSerializer(serializers.Serializer[Any]):
    push = serializers.BooleanField()
    mail = serializers.BooleanField()
    quietFrom = serializers.CharField(required=False, help_text="HH:MM, by the clock of your time zone.")
    quietUntil = serializers.CharField(required=False)
    version = serializers.IntegerField()


class NotificationsUpdatedSerializer(_UserUpdateSerializer):
    """You have changed how you are told of messages while you are away, or which devices tell you."""

    kind = serializers.ChoiceField(choices=[UserUpdated.NOTIFICATIONS])
    change = serializers.ChoiceField(choices=["settings", "devices"])
    settings = ToldSettingsSerializer(required=False)


# The shapes of one event, by its `kind`.
USER_UPDATES: Sequence[type[serializers.Serializer[Any]]] = (
    UserUpdatedSerializer,
    MentionsUpdatedSerializer,
    ThreadMentionsUpdatedSerializer,
    ThreadUpdatedSerializer,
    InboxUpdatedSerializer,
    DraftUpdatedSerializer,
    SavedUpdatedSerializer,
    ProfileUpdatedSerializer,
    GroupSettingsUpdatedSerializer,
    SectionsUpdatedSerializer,
    TeamUpdatedSerializer,
    BlockedUpdatedSerializer,
    PrivacyUpdatedSerializer,
    PreferencesUpdatedSerializer,
    InvitationUpdatedSerializer,
    NoticeUpdatedSerializer,
    ReportsUpdatedSerializer,
    ScheduledUpdatedSerializer,
    ReminderUpdatedSerializer,
    NotificationsUpdatedSerializer,
)
