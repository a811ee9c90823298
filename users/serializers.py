"""Shapes of users on the wire."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from foundation.fields import Choice, Cursor, Emoji, Id, Label, Moment, Text, WholeNumber

from .roles import ROLES
from .time_zones import is_time_zone
from .user import ADDABLE_BY, BROWSER, ENTER_KEYS, THEMES

MAX_TITLE, MAX_STATUS = 100, 100
_LANGUAGES = [BROWSER, *(code for code, _ in settings.LANGUAGES)]


class CustomStatusSerializer(serializers.Serializer[Any]):
    """What somebody says of themselves for a while; whether they are online is their presence."""

    emoji = serializers.CharField(required=False)
    text = serializers.CharField(required=False)
    expiresAt = serializers.DateTimeField(required=False, help_text="From then on it does not show: drop it.")


class UserSerializer(serializers.Serializer[Any]):
    """The output of `User.as_wire`, for the API's description."""

    id = serializers.CharField()
    name = serializers.CharField()
    imageUrl = serializers.CharField(
        required=False, help_text="Where their picture is: at Clerk, or a path from this server's root."
    )
    createdAt = serializers.DateTimeField()
    handle = serializers.CharField(required=False, help_text="A name that nobody else has.")
    title = serializers.CharField(required=False)
    timeZone = serializers.CharField(required=False, help_text="Of the IANA's database, such as `Europe/Berlin`.")
    customStatus = CustomStatusSerializer(required=False)
    role = serializers.ChoiceField(ROLES, required=False, help_text="In the workspace; a member where there is none.")
    deactivated = serializers.BooleanField(
        required=False, help_text="They cannot sign in, nor be found or added any more."
    )


class UserListSerializer(serializers.Serializer[Any]):
    users = UserSerializer(many=True)
    nextCursor = serializers.CharField(required=False, help_text="Of the next page, if there is one.")


class UserRefInput(serializers.Serializer[Any]):
    userId = Id(source="user_id")


class FindUsersInput(serializers.Serializer[Any]):
    search = Text(
        source="query",
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="How the name, a word of it, or the handle starts; accents do not count.",
    )
    limit = WholeNumber(required=False, min_value=1, max_value=100, help_text="20 if not given.")
    cursor = Cursor(required=False)


class TimeZone(Text):
    """A time zone's name, or nothing."""

    default_error_messages = {"time_zone": "This is no time zone: one is called Europe/Berlin, or UTC."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if not is_time_zone(value):
            self.fail("time_zone")
        return value


class UpdateProfileInput(serializers.Serializer[Any]):
    """What is given is changed; a handle, title or time zone that is empty is removed."""

    # The service validates the name and the handle; these limit their size.
    name = Text(max_length=1_000, required=False)
    handle = Text(max_length=100, required=False, allow_blank=True, help_text="2 to 30 of a-z, 0-9, `.`, `_` and `-`.")
    title = Label(max_length=MAX_TITLE, required=False, allow_blank=True)
    timeZone = TimeZone(source="time_zone", required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"name": "Give a name, or something else to change."})
        return attrs


class SetStatusInput(serializers.Serializer[Any]):
    """Your custom status: an emoji, a text, or both."""

    emoji = Emoji(required=False, allow_blank=True)
    text = Label(max_length=MAX_STATUS, required=False, allow_blank=True)
    expiresAt = Moment(source="expires_at", required=False, allow_null=True)


class PrivacySerializer(serializers.Serializer[Any]):
    """What you let others do."""

    addableBy = serializers.ChoiceField(
        choices=ADDABLE_BY,
        help_text="Who may add you to groups and begin conversations with you: `known` are those who are in a group "
        "with you. Whoever else adds you asks you, and you join by yourself.",
    )


class SetPrivacyInput(serializers.Serializer[Any]):
    addableBy = Choice(source="addable_by", choices=ADDABLE_BY)


class PreferencesSerializer(serializers.Serializer[Any]):
    """How you want the web chat to be, on all of your devices."""

    theme = serializers.ChoiceField(choices=THEMES, help_text="`system`: as the device is.")
    enterKey = serializers.ChoiceField(
        choices=ENTER_KEYS, help_text="What Enter does: `auto` sends, and on a touch screen begins a new line."
    )
    language = serializers.ChoiceField(choices=_LANGUAGES, help_text="Of pages; `browser` for that of each browser.")


class SetPreferencesInput(serializers.Serializer[Any]):
    """What is given is changed."""

    theme = Choice(choices=THEMES, required=False)
    enterKey = Choice(source="enter_key", choices=ENTER_KEYS, required=False)
    language = Choice(choices=_LANGUAGES, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"theme": "Give a theme, or something else to change."})
        return attrs


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
