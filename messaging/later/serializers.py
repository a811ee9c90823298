"""The shapes of requests and responses about what a person has planned."""

from typing import Any

from rest_framework import serializers

from foundation.fields import AnyMoment, Choice, Id, WholeNumber
from foundation.validation import Input
from foundation.visible import shows_something
from messaging.http_serializers import MessageSerializer
from messaging.serializers import Content, MessageRefInput, RenderInput, ThreadRefInput
from users.event_serializers import ReminderSerializer, ScheduledSerializer
from users.serializers import TimeZone

from .times import MAX_DAYS, WHENS

_AT = f"Without an offset it is a time of day in `timeZone`. Within {MAX_DAYS} days."


def _zone() -> TimeZone:
    return TimeZone(source="time_zone", required=False, allow_null=True, help_text="That of your profile if not given.")


def _require_text(content: str) -> str:
    if not shows_something(content):
        raise serializers.ValidationError("A message needs some text.")
    return content


class ScheduleMessageInput(ThreadRefInput, Input):
    """Have a message sent at a time."""

    content = Content()
    at = AnyMoment(help_text=_AT)
    timeZone = _zone()

    def validate_content(self, value: str) -> str:
        return _require_text(value)


class ScheduledRefInput(Input):
    scheduledId = Id(source="scheduled_id")


class ChangeScheduledInput(ScheduledRefInput):
    """Change what is given of a message to be sent."""

    content = Content(required=False)
    at = AnyMoment(required=False, help_text=_AT)
    timeZone = _zone()
    ifVersion = WholeNumber(
        source="if_version",
        required=False,
        allow_null=True,
        min_value=1,
        help_text="Refuse the change if it has another version by now.",
    )

    def validate_content(self, value: str) -> str:
        return _require_text(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "content" not in attrs and "at" not in attrs:
            raise serializers.ValidationError({"at": "Give another time, or another content."})
        return attrs


class RemindInput(MessageRefInput, Input):
    """Be reminded of a message, at a time or so long from now."""

    at = AnyMoment(required=False, help_text=_AT)
    when = Choice(choices=WHENS, required=False, help_text="From now; `tomorrow` and `next_week` (Monday) at 9:00.")
    timeZone = _zone()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("at" in attrs) == ("when" in attrs):
            raise serializers.ValidationError({"at": "Give one of `at` and `when`."})
        return attrs


class ReminderRefInput(Input):
    reminderId = Id(source="reminder_id")


class ListRemindersInput(RenderInput):
    """All of your reminders."""


class ScheduledAnswerSerializer(serializers.Serializer[Any]):
    scheduled = ScheduledSerializer()


class ScheduledListSerializer(serializers.Serializer[Any]):
    scheduled = ScheduledSerializer(many=True)
    revision = serializers.IntegerField(help_text="That of your last `user_update` which is sure to be in these.")


class ReminderAnswerSerializer(serializers.Serializer[Any]):
    reminder = ReminderSerializer()


class ListedReminderSerializer(ReminderSerializer):
    message = MessageSerializer(
        required=False, help_text="As it is now; left out of a group that you are no longer in."
    )


class RemindersSerializer(serializers.Serializer[Any]):
    reminders = ListedReminderSerializer(many=True)
    revision = serializers.IntegerField(help_text="That of your last `user_update` which is sure to be in these.")
