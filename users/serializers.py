"""Shapes of users on the wire."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Cursor, Id, Text, WholeNumber


class UserSerializer(serializers.Serializer[Any]):
    """The output of `User.as_wire`, for the API's description."""

    id = serializers.CharField()
    name = serializers.CharField()
    imageUrl = serializers.URLField(required=False)
    createdAt = serializers.DateTimeField()


class UserListSerializer(serializers.Serializer[Any]):
    users = UserSerializer(many=True)
    nextCursor = serializers.CharField(required=False, help_text="Of the next page, if there is one.")


class UserRefInput(serializers.Serializer[Any]):
    userId = Id(source="user_id")


class FindUsersInput(serializers.Serializer[Any]):
    search = Text(source="query", required=False, allow_blank=True, max_length=64, help_text="How the name starts.")
    limit = WholeNumber(required=False, min_value=1, max_value=100, help_text="20 if not given.")
    cursor = Cursor(required=False)


class UpdateProfileInput(serializers.Serializer[Any]):
    # The service validates the name; this limits its size.
    name = Text(max_length=1_000)


class SignInInput(serializers.Serializer[Any]):
    name = Text(max_length=1_000)


class JwkSerializer(serializers.Serializer[Any]):
    """A public key (RFC 7517)."""

    kty = serializers.CharField()
    kid = serializers.CharField()
    alg = serializers.CharField()
    use = serializers.CharField()
    n = serializers.CharField()
    e = serializers.CharField()


class JwksSerializer(serializers.Serializer[Any]):
    keys = JwkSerializer(many=True)
