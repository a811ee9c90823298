"""Shapes of health reports, for the API's description."""

from typing import Any

from rest_framework import serializers


class EngineSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    ms = serializers.FloatField(required=False, help_text="How long the check took, in milliseconds.")
    error = serializers.CharField(required=False)


class SocketsSerializer(serializers.Serializer[Any]):
    connections = serializers.IntegerField()
    rooms = serializers.IntegerField()
    resumeReads = serializers.IntegerField(help_text="Reads of logs to resume clients, since the start.")


class ProcessSerializer(serializers.Serializer[Any]):
    """Its figures are for administrators and bearers of HEALTH_TOKEN."""

    ok = serializers.BooleanField()
    pid = serializers.IntegerField(required=False)
    uptime = serializers.FloatField(required=False, help_text="In seconds.")
    rss = serializers.IntegerField(required=False, help_text="Resident memory in bytes.")
    threads = serializers.IntegerField(required=False)
    sockets = SocketsSerializer(required=False)


class ChecksSerializer(serializers.Serializer[Any]):
    dynamodb = EngineSerializer()
    mongodb = EngineSerializer()
    redis = EngineSerializer()
    process = ProcessSerializer()


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["ok", "degraded"])
    checks = ChecksSerializer()


class LiveSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["ok"])
    process = ProcessSerializer()
