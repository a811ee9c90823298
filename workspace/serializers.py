"""Shapes of the workspace on the wire: input (`...Input`) and output (`...Serializer`)."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Choice, Cursor, Id, WholeNumber
from users.roles import ROLES


class PersonRefInput(serializers.Serializer[Any]):
    userId = Id(source="user_id")


class ChangeRoleInput(PersonRefInput):
    role = Choice(choices=ROLES)


class ListDeactivatedInput(serializers.Serializer[Any]):
    limit = WholeNumber(required=False, min_value=1, max_value=100, help_text="20 if not given.")
    cursor = Cursor(required=False)
