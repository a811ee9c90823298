"""The shapes of requests and responses about groups."""

from typing import Any

from rest_framework import serializers

from foundation.fields import BoundedList, Choice, Flag, Id, Label, Lines, Text, WholeNumber
from foundation.validation import Input

from .direct import MAX_PEOPLE
from .models import DIRECT, GROUP, ROLES, VISIBILITIES
from .own_settings.serializers import OwnSettingsSerializer
from .policy import CHOICES, INVITE, MENTION_ALL, PIN, POST, RENAME
from .selectors import MAX_GROUPS, MAX_MEMBERS

MAX_NAME, MAX_TOPIC, MAX_DESCRIPTION = 80, 250, 1000
MAX_MEMBERS_A_CALL, MAX_TEAMS_A_CALL = 1000, 20


class GroupName(Label):
    """A group's name: 1 to 80 characters, without line breaks and invisible characters, trimmed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_NAME, trim_whitespace=True, **kwargs)


class GroupRefInput(serializers.Serializer[Any]):
    groupId = Id(source="group_id")


class CreateGroupInput(serializers.Serializer[Any]):
    name = GroupName()
    memberIds = BoundedList(child=Id(), source="member_ids", required=False, max_length=MAX_MEMBERS_A_CALL)
    clientId = Text(
        source="client_id",
        max_length=64,
        required=False,
        allow_null=True,
        help_text="A name of your own for this group: created again under it, there is one group, with all members.",
    )
    visibility = Choice(choices=VISIBILITIES, required=False, help_text="`private` if not given.")


class CreateDirectInput(serializers.Serializer[Any]):
    """Whom a conversation is with: one person, or up to 19; yourself alone: your notes."""

    userId = Id(source="user_id", required=False, help_text="The other person; yourself for your notes.")
    userIds = BoundedList(
        child=Id(),
        source="user_ids",
        required=False,
        allow_empty=False,
        max_length=MAX_PEOPLE,
        help_text="The other people. The same people have one conversation.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({"userIds": "Give either userId or userIds."})
        return attrs


class PolicyInput(serializers.Serializer[Any]):
    """Who may do what; what is not given stays."""

    post = Choice(choices=CHOICES[POST], required=False)
    invite = Choice(choices=CHOICES[INVITE], required=False)
    rename = Choice(choices=CHOICES[RENAME], required=False)
    pin = Choice(choices=CHOICES[PIN], required=False)
    mentionAll = Choice(choices=CHOICES[MENTION_ALL], source="mention_all", required=False)


class ChangeGroupInput(serializers.Serializer[Any]):
    """What is given is changed; an empty topic or description is removed."""

    groupId = Id(source="group_id")
    name = GroupName(required=False)
    topic = Label(max_length=MAX_TOPIC, trim_whitespace=True, required=False, allow_blank=True)
    description = Lines(max_length=MAX_DESCRIPTION, trim_whitespace=True, required=False, allow_blank=True)
    visibility = Choice(choices=VISIBILITIES, required=False)
    archived = Flag(required=False, help_text="An archived group can be read, and nothing in it changes.")
    policy = PolicyInput(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.keys() <= {"group_id"}:
            raise serializers.ValidationError({"name": "Give a name, or something else to change."})
        return attrs


class AddMembersInput(serializers.Serializer[Any]):
    """Who is to be added: users, and those who are in teams now."""

    groupId = Id(source="group_id")
    userIds = BoundedList(
        child=Id(), source="user_ids", required=False, allow_empty=False, max_length=MAX_MEMBERS_A_CALL
    )
    teamIds = BoundedList(child=Id(), source="team_ids", required=False, allow_empty=False, max_length=MAX_TEAMS_A_CALL)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.keys() & {"user_ids", "team_ids"}:
            raise serializers.ValidationError({"userIds": "Name somebody, or a team."})
        return attrs


class ListGroupsInput(Input):
    """Which page of your groups: the first, or the one after `cursor`."""

    cursor = Id(required=False, help_text="The `nextCursor` of the page before.")
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_GROUPS)


class ListMembersInput(GroupRefInput):
    """Which page of a group's members: the first, or the one after `cursor`."""

    cursor = Id(required=False, help_text="The `nextCursor` of the page before.")
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_MEMBERS)


class MemberRefInput(serializers.Serializer[Any]):
    groupId = Id(source="group_id")
    userId = Id(source="user_id")


class ChangeRoleInput(serializers.Serializer[Any]):
    groupId = Id(source="group_id")
    userId = Id(source="user_id")
    role = Choice(choices=ROLES)


class PolicySerializer(serializers.Serializer[Any]):
    """Who may do what in a group: everyone in it, its managers (the owner and admins), or the owner alone."""

    post = serializers.ChoiceField(choices=CHOICES[POST], help_text="To send messages, edit them and upload files.")
    invite = serializers.ChoiceField(choices=CHOICES[INVITE], help_text="To add people.")
    rename = serializers.ChoiceField(choices=CHOICES[RENAME], help_text="To change name, topic and description.")
    pin = serializers.ChoiceField(choices=CHOICES[PIN])
    mentionAll = serializers.ChoiceField(choices=CHOICES[MENTION_ALL], help_text="To use `<!all>` and `<!here>`.")


class GroupSerializer(serializers.Serializer[Any]):
    """A group."""

    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=[GROUP, DIRECT])
    createdAt = serializers.DateTimeField()
    createdBy = serializers.CharField(help_text="A user's id.")
    visibility = serializers.ChoiceField(choices=VISIBILITIES)
    topic = serializers.CharField(help_text="Empty if there is none.")
    description = serializers.CharField(help_text="Empty if there is none; it may have several lines.")
    policy = PolicySerializer()
    archivedAt = serializers.DateTimeField(required=False, help_text="Archived groups only: nothing in it changes.")
    imageUrl = serializers.CharField(required=False, help_text="Where its picture is, a path from this server's root.")


class PeerSerializer(serializers.Serializer[Any]):
    """Another person of a direct conversation."""

    id = serializers.CharField()
    name = serializers.CharField()


class GroupSummarySerializer(serializers.Serializer[Any]):
    """A group in a member's list; head and read are places in its log, unread counts messages of others."""

    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=[GROUP, DIRECT])
    role = serializers.ChoiceField(choices=ROLES)
    head = serializers.IntegerField()
    read = serializers.IntegerField()
    unread = serializers.IntegerField()
    mentions = serializers.ListField(
        child=serializers.IntegerField(), help_text="The seqs of unread messages that name you: the newest 100 at most."
    )
    all = serializers.IntegerField(help_text="How many unread messages name everybody.")
    version = serializers.IntegerField(help_text="Of two states of your mark, the later one has the larger version.")
    own = OwnSettingsSerializer()
    imageUrl = serializers.CharField(required=False, help_text="Where its picture is, a path from this server's root.")
    peer = PeerSerializer(required=False, help_text="Direct conversations of two only: the other person.")
    peers = PeerSerializer(
        many=True,
        required=False,
        help_text="Direct conversations only: the other people, five at most; nobody in your notes.",
    )
    peerCount = serializers.IntegerField(required=False, help_text="Direct conversations only: how many they are.")
    visibility = serializers.ChoiceField(choices=VISIBILITIES, required=False, help_text="`private` if left out.")
    topic = serializers.CharField(required=False)
    policy = PolicySerializer(required=False, help_text="Left out where all is as in a new group.")
    archivedAt = serializers.DateTimeField(required=False, help_text="Archived groups only: nothing in it changes.")


class GroupDetailSerializer(GroupSummarySerializer):
    """A group that you are in."""

    createdAt = serializers.DateTimeField()
    createdBy = serializers.CharField(help_text="A user's id.")
    visibility = serializers.ChoiceField(choices=VISIBILITIES)
    topic = serializers.CharField(help_text="Empty if there is none.")
    description = serializers.CharField(help_text="Empty if there is none; it may have several lines.")
    policy = PolicySerializer()
    memberCount = serializers.IntegerField(required=False)


class GroupListSerializer(serializers.Serializer[Any]):
    """A page of your groups, in the order of their ids from page to page, and of their names in a page."""

    groups = GroupSummarySerializer(many=True)
    revision = serializers.IntegerField(help_text="That of your last `user_update`.")
    nextCursor = serializers.CharField(required=False, help_text="The `cursor` of the next page, if there is one.")


class MemberSerializer(serializers.Serializer[Any]):
    userId = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    joinedAt = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=["online", "away", "offline"], required=False)
    blocked = serializers.BooleanField(required=False, help_text="You have blocked them: fold what they write.")
    deactivated = serializers.BooleanField(required=False, help_text="They cannot sign in any more.")


class MemberListSerializer(serializers.Serializer[Any]):
    """A page of a group's members, in the order of their user ids."""

    members = MemberSerializer(many=True)
    nextCursor = serializers.CharField(required=False, help_text="The `cursor` of the next page, if there is one.")


class AddedSerializer(serializers.Serializer[Any]):
    added = serializers.DictField(
        child=serializers.ChoiceField(choices=ROLES), help_text="Role by user id, of those who are new."
    )
    notAdded = serializers.DictField(
        child=serializers.ChoiceField(choices=["left", "asked"]),
        required=False,
        help_text="With `teamIds`, why by user id: they have left by themselves, and were asked to come back; or do "
        "not let you.",
    )
