"""The shapes of the data of `events`."""

from typing import Any

from rest_framework import serializers

from users.serializers import UserSerializer

from .user_presence import AWAY, OFFLINE, ONLINE

STATUSES = (ONLINE, AWAY, OFFLINE)


class UserStatusSerializer(serializers.Serializer[Any]):
    userId = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)


class PresenceChangedSerializer(serializers.Serializer[Any]):
    """People who share a group with you came or went."""

    users = UserStatusSerializer(many=True)
    all = serializers.BooleanField(required=False, help_text="Whoever is not listed is offline.")


class ProfileChangedSerializer(serializers.Serializer[Any]):
    """The profile of somebody who shares a group with you changed. It may be lost: read people when you show them."""

    user = UserSerializer()
