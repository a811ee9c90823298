"""The shapes of requests and responses about teams."""

from typing import Any

from rest_framework import serializers

from foundation.fields import BoundedList, Choice, Id, Label, Text, WholeNumber
from foundation.validation import Input
from users.serializers import FindUsersInput

from .models import MAX_PEOPLE, ROLES
from .selectors import MAX_PAGE

MAX_NAME, MAX_DESCRIPTION = 80, 250


class TeamRefInput(serializers.Serializer[Any]):
    teamId = Id(source="team_id")


class FindTeamsInput(FindUsersInput):
    """Teams are found as people are."""


class CreateTeamInput(Input):
    """A team: a handle that nobody else has, no person either, and a name."""

    name = Label(max_length=MAX_NAME, trim_whitespace=True)
    # The service validates the handle; this limits its size.
    handle = Text(max_length=100, help_text="2 to 30 of a-z, 0-9, `.`, `_` and `-`.")
    description = Label(max_length=MAX_DESCRIPTION, required=False, allow_blank=True)
    memberIds = BoundedList(child=Id(), source="member_ids", required=False, max_length=MAX_PEOPLE)


class ChangeTeamInput(TeamRefInput):
    """What is given is changed; an empty description is removed."""

    name = Label(max_length=MAX_NAME, trim_whitespace=True, required=False)
    handle = Text(max_length=100, required=False)
    description = Label(max_length=MAX_DESCRIPTION, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.keys() - {"team_id"}:
            raise serializers.ValidationError({"name": "Give a name, or something else to change."})
        return attrs


class ListPeopleInput(TeamRefInput):
    """Which page of a team's people: the first, or the one after `cursor`."""

    cursor = Id(required=False, help_text="The `nextCursor` of the page before.")
    limit = WholeNumber(required=False, min_value=1, max_value=MAX_PAGE)


class AddPeopleInput(TeamRefInput):
    userIds = BoundedList(child=Id(), source="user_ids", allow_empty=False, max_length=MAX_PEOPLE)


class PersonRefInput(TeamRefInput):
    userId = Id(source="user_id")


class ChangeTeamRoleInput(PersonRefInput):
    role = Choice(choices=ROLES)


class TeamSerializer(serializers.Serializer[Any]):
    """A team: people whom one may name as `<@teamId>`, shown as `@handle`."""

    id = serializers.CharField()
    handle = serializers.CharField(help_text="A name that nobody else has, no person either.")
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    memberCount = serializers.IntegerField()
    createdAt = serializers.DateTimeField()


class TeamDetailSerializer(TeamSerializer):
    role = serializers.ChoiceField(choices=ROLES, required=False, help_text="Yours, if you are in it.")
    mayManage = serializers.BooleanField(help_text="Whether you may change it and who is in it.")


class TeamListSerializer(serializers.Serializer[Any]):
    teams = TeamSerializer(many=True)
    nextCursor = serializers.CharField(required=False, help_text="Of the next page, if there is one.")


class TeamMemberSerializer(serializers.Serializer[Any]):
    userId = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)


class TeamMembersSerializer(serializers.Serializer[Any]):
    """A page of a team's people, in the order of their ids."""

    members = TeamMemberSerializer(many=True)
    nextCursor = serializers.CharField(required=False, help_text="The `cursor` of the next page, if there is one.")


class AddedToTeamSerializer(serializers.Serializer[Any]):
    added = serializers.ListField(child=serializers.CharField(), help_text="The ids of those who are new.")
