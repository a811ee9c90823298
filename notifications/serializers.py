"""Shapes of notifications on the wire: input (`...Input`) and output (`...Serializer`)."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Flag, Id, Label, Text
from foundation.validation import Input

from . import rules
from .push.addresses import MAX_LENGTH
from .rules import QuietTime

_MAX_KEY = 200


class Clock(Text):
    """A time of the day, `HH:MM`."""

    default_error_messages = {"clock": "This is no time such as 22:30."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=5, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        hour, colon, minute = value.partition(":")
        digits = hour + minute
        is_clock = colon and len(hour) == len(minute) == 2 and digits.isascii() and digits.isdigit()
        return value if is_clock and hour < "24" and minute < "60" else self.fail("clock")


class ChangeNotificationSettingsInput(Input):
    """What is given is changed; both of the quiet times, null: never quiet."""

    push = Flag(required=False, help_text="Whether your devices get pushes.")
    mail = Flag(required=False, help_text="Whether what you have not read for a while is mailed to you.")
    quietFrom = Clock(required=False, allow_null=True, help_text="By the clock of your time zone: HH:MM.")
    quietUntil = Clock(required=False, allow_null=True, help_text="If it is earlier, on the next day.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the service's arguments: both times as one."""
        if not attrs:
            raise serializers.ValidationError({"push": "Give something to change."})
        given = {"quietFrom", "quietUntil"} & attrs.keys()
        if not given:
            return attrs
        since, until = attrs.pop("quietFrom", None), attrs.pop("quietUntil", None)
        if len(given) == 1 or (since is None) != (until is None):
            raise serializers.ValidationError({"quietUntil": "Give both times, or null for both."})
        if since is None:
            return {**attrs, "is_never_quiet": True}
        if since == until:
            raise serializers.ValidationError({"quietUntil": "It ends at another time than it begins."})
        return {**attrs, "quiet": QuietTime(since, until)}


class NotificationSettingsSerializer(serializers.Serializer[Any]):
    """How you are told of messages while you are away."""

    push = serializers.BooleanField()
    mail = serializers.BooleanField()
    quietFrom = serializers.CharField(required=False, help_text="From then on each day you are told nothing: HH:MM.")
    quietUntil = serializers.CharField(required=False)
    version = serializers.IntegerField(help_text="Of two states of these settings, the later has the larger one.")
    timeZone = serializers.CharField(help_text="That of your profile, by whose clock it is quiet.")
    mails = serializers.BooleanField(help_text="Whether mails can reach you: this server sends them, and has yours.")
    publicKey = serializers.CharField(help_text="The `applicationServerKey` that browsers subscribe with.")


class DeviceKeysInput(serializers.Serializer[Any]):
    p256dh = Text(max_length=_MAX_KEY, source="public_key", help_text="The browser's public key, as base64url.")
    auth = Text(max_length=_MAX_KEY, source="secret", help_text="The browser's secret, as base64url.")


class AddDeviceInput(Input):
    """A browser's subscription, as its `PushSubscription.toJSON()` gives it."""

    endpoint = Text(max_length=MAX_LENGTH, help_text="An https address of a push service, in a public network.")
    keys = DeviceKeysInput()
    name = Label(max_length=80, required=False, help_text="What you call it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the service's arguments."""
        keys = attrs.pop("keys")
        return {**attrs, **keys}


class DeviceRefInput(Input):
    deviceId = Id(source="device_id")


class DeviceSerializer(serializers.Serializer[Any]):
    """A browser that takes pushes for you."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    createdAt = serializers.DateTimeField()


class ListedDeviceSerializer(DeviceSerializer):
    current = serializers.BooleanField(help_text="Whether the session that asks has added it.")


class DeviceListSerializer(serializers.Serializer[Any]):
    devices = ListedDeviceSerializer(many=True)


class TestedDeviceSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(choices=("sent", "gone", "failed"), help_text="`gone`: it was removed.")


class TestSerializer(serializers.Serializer[Any]):
    devices = TestedDeviceSerializer(many=True)


class ExplainInput(Input):
    messageId = Id(source="message_id")


class ReminderExplanationSerializer(serializers.Serializer[Any]):
    """Why you were told of a reminder that has come, or not."""

    told = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=rules.REASONS, help_text="`quiet`: it is sent when that is over.")
    decidedAt = serializers.DateTimeField()
    sentAt = serializers.DateTimeField(required=False, help_text="When a push service has taken it.")


class ExplanationSerializer(serializers.Serializer[Any]):
    """Why you were told of a message, or not."""

    messageId = serializers.CharField()
    told = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=rules.REASONS)
    cause = serializers.ChoiceField(
        choices=rules.CAUSES, required=False, help_text="Why it may concern you; without it, it does not."
    )
    kept = serializers.BooleanField(help_text="Whether it was noted then; if not, it is by the rules as they are now.")
    decidedAt = serializers.DateTimeField(required=False)
    sentAt = serializers.DateTimeField(required=False, help_text="When a push service has taken it.")
    reminder = ReminderExplanationSerializer(required=False, help_text="Of your latest reminder of it that has come.")
