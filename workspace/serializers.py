"""Shapes of the workspace on the wire: input (`...Input`) and output (`...Serializer`)."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Choice, Cursor, Id, Label, WholeNumber
from users.roles import ROLES

from .settings import AUDIENCES, AUDIENCES_OF_INVITATIONS

MAX_NAME = 64


class WorkspaceSerializer(serializers.Serializer[Any]):
    """The settings; who may do what is `everyone`, `members` (everyone but guests) or `admins` (and owners)."""

    name = serializers.CharField()
    logoUrl = serializers.CharField(required=False, help_text="A path from this server's root; anybody may see it.")
    makeGroups = serializers.ChoiceField(AUDIENCES)
    invitePeople = serializers.ChoiceField(AUDIENCES_OF_INVITATIONS, help_text="To make accounts.")
    uploadFiles = serializers.ChoiceField(AUDIENCES)
    role = serializers.ChoiceField(ROLES, help_text="Yours.")


class ChangeWorkspaceInput(serializers.Serializer[Any]):
    """What is given is changed."""

    name = Label(max_length=MAX_NAME, required=False, allow_blank=True, help_text="Empty for the product's own.")
    makeGroups = Choice(source="make_groups", choices=AUDIENCES, required=False)
    invitePeople = Choice(source="invite_people", choices=AUDIENCES_OF_INVITATIONS, required=False)
    uploadFiles = Choice(source="upload_files", choices=AUDIENCES, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"name": "Give a name, or something else to change."})
        return attrs


class PersonRefInput(serializers.Serializer[Any]):
    userId = Id(source="user_id")


class ChangeWorkspaceRoleInput(PersonRefInput):
    role = Choice(choices=ROLES)


class ListDeactivatedInput(serializers.Serializer[Any]):
    limit = WholeNumber(required=False, min_value=1, max_value=100, help_text="20 if not given.")
    cursor = Cursor(required=False)
