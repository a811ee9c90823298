"""Shapes of reports, cases and notices on the wire: input (`...Input`) and output (`...Serializer`)."""

from typing import Any

from rest_framework import serializers

from foundation.fields import Choice, Cursor, Id, Text, WholeNumber
from users.event_serializers import NoticeSerializer

from . import case, selectors

MAX_TEXT = 1_000


class ReportInput(serializers.Serializer[Any]):
    """Report a message or a person: one of `messageId` and `userId`."""

    messageId = Id(source="message_id", required=False, help_text="A message that you can read.")
    userId = Id(source="user_id", required=False, help_text="Or a person.")
    reason = Choice(choices=case.REASONS)
    text = Text(max_length=MAX_TEXT, required=False, allow_blank=True, help_text="What administrators should know.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"message_id", "user_id"} & attrs.keys()) != 1:
            raise serializers.ValidationError({"messageId": ["Give either this or `userId`."]})
        return attrs


class ReportedSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=case.KINDS)
    thingId = serializers.CharField(help_text="The id of the message or the person.")
    reportedAt = serializers.DateTimeField()
    duplicate = serializers.BooleanField(required=False, help_text="You had reported it before.")


class ListCasesInput(serializers.Serializer[Any]):
    state = Choice(choices=case.STATES, required=False)
    cursor = Cursor(required=False)
    limit = WholeNumber(required=False, min_value=1, max_value=selectors.MAX_PAGE)


class CaseRefInput(serializers.Serializer[Any]):
    caseId = Id(source="case_id")


class DecideInput(CaseRefInput):
    decision = Choice(choices=case.DECISIONS, help_text="Of a person, not `delete`.")
    note = Text(max_length=MAX_TEXT, required=False, allow_blank=True, help_text="For administrators alone.")
    warning = Text(
        max_length=MAX_TEXT, required=False, allow_blank=True, help_text="What the person is told, by `warn`."
    )


class CaseSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=case.KINDS)
    thingId = serializers.CharField(help_text="The id of the message or the person.")
    userId = serializers.CharField(help_text="The person, or who has written the message.")
    openedAt = serializers.DateTimeField()
    reports = serializers.IntegerField(help_text="How many people have reported it.")
    state = serializers.ChoiceField(choices=case.STATES)
    decision = serializers.ChoiceField(choices=case.DECISIONS, required=False)
    decidedBy = serializers.CharField(required=False)
    decidedAt = serializers.DateTimeField(required=False)
    note = serializers.CharField(required=False)


class CasePageSerializer(serializers.Serializer[Any]):
    cases = CaseSerializer(many=True)
    open = serializers.IntegerField(help_text="How many are open, up to 500.")
    nextCursor = serializers.CharField(required=False)


class EvidenceFileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    size = serializers.IntegerField()


class EvidenceSerializer(serializers.Serializer[Any]):
    """What was reported as it was; of a message its content, of a person their profile."""

    content = serializers.CharField(required=False)
    version = serializers.IntegerField(required=False)
    createdAt = serializers.DateTimeField(required=False)
    updatedAt = serializers.DateTimeField(required=False)
    files = EvidenceFileSerializer(many=True, required=False)
    name = serializers.CharField(required=False)
    handle = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    status = serializers.CharField(required=False)
    hasPicture = serializers.BooleanField(required=False)


class ReportSerializer(serializers.Serializer[Any]):
    userId = serializers.CharField(help_text="Who has reported it.")
    at = serializers.DateTimeField()
    reason = serializers.ChoiceField(choices=case.REASONS)
    text = serializers.CharField(required=False)
    evidence = EvidenceSerializer(required=False, help_text="What it was like then, if that differs from `reported`.")


class CaseDetailSerializer(CaseSerializer):
    reported = EvidenceSerializer(required=False, help_text="Left out once it is erased.")
    reportedBy = ReportSerializer(many=True)


class NoticeListSerializer(serializers.Serializer[Any]):
    notices = NoticeSerializer(many=True)


class NoticeRefInput(serializers.Serializer[Any]):
    noticeId = Id(source="notice_id")
