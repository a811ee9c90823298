"""Shapes of health reports, for the API's description, and what an address takes."""

from typing import Any

from rest_framework import serializers

from foundation.counters import WINDOWS

from .reports import ALL, SCOPES
from .states import LIVENESS, READINESS, SERVER_STATES, STATES


class HealthInput(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(
        SCOPES, default=ALL, help_text="Of all processes together, or of the one that answers alone."
    )


def _state(**options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(STATES, **options)


def _count(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, **options)


class ServerSerializer(serializers.Serializer[Any]):
    version = serializers.CharField(required=False)
    uptime = serializers.FloatField(required=False, help_text="Of the process that runs for longest, in seconds.")
    http = _state(help_text="Whether each process has answered a request of its own over a socket.")
    websocket = _state(help_text="Whether each process has answered on a websocket of its own.")


class PoolSerializer(serializers.Serializer[Any]):
    open = _count(help_text="Connections that are open.")
    busy = _count(help_text="Those of them in use.")
    max = _count(help_text="How many there may be.")


class DatabaseSerializer(serializers.Serializer[Any]):
    status = _state()
    latencyMs = serializers.FloatField(required=False, help_text="How long its check took in the slowest process.")
    lastError = serializers.CharField(required=False, help_text="What was wrong when it last failed.")
    lastErrorAt = serializers.DateTimeField(required=False)
    pool = PoolSerializer(required=False)


class DatabasesSerializer(serializers.Serializer[Any]):
    dynamodb = DatabaseSerializer()
    mongodb = DatabaseSerializer()
    redis = DatabaseSerializer()


class LargeRoomSerializer(serializers.Serializer[Any]):
    groupId = serializers.CharField()
    connections = _count()


class RoomsSerializer(serializers.Serializer[Any]):
    count = _count(help_text="Rooms that somebody is in, of each process: a group in two processes is two rooms.")
    connections = _count(help_text="Places in rooms that connections have.")
    largest = LargeRoomSerializer(many=True)


class TransportsSerializer(serializers.Serializer[Any]):
    websocket = _count()
    polling = _count()
    json = _count()


class SocketsSerializer(serializers.Serializer[Any]):
    """What is counted is counted since each process started."""

    connections = _count()
    users = _count(help_text="Of each process: who is connected to two counts twice.")
    byTransport = TransportsSerializer()
    opened = _count()
    closedByReason = serializers.DictField(child=_count())
    resumed = _count(help_text="Clients that came back and were sent what they had missed.")
    gapsFound = _count(help_text="Times that a room lacked a change.")
    gapsHealed = _count(help_text="Times that it has read what it lacked.")
    resumeReads = _count(help_text="Reads of logs for clients that came back.")


class MemorySerializer(serializers.Serializer[Any]):
    rss = _count(help_text="Resident memory in bytes.")


class RatesSerializer(serializers.Serializer[Any]):
    perSecond = serializers.FloatField(help_text="The mean over the window.")
    byCode = serializers.DictField(child=_count(), help_text="Errors in the window; `internal` is a bug.")


ErrorsSerializer: type[serializers.Serializer[Any]] = type(
    "ErrorsSerializer",
    (serializers.Serializer,),
    {"__doc__": "Errors that clients were told.", **{name: RatesSerializer() for name in WINDOWS}},
)


class EventLoopSerializer(serializers.Serializer[Any]):
    """How late the slowest process runs what is due, over the last minute."""

    lagP50Ms = serializers.FloatField()
    lagP99Ms = serializers.FloatField()


class DueSerializer(serializers.Serializer[Any]):
    """What is done at a time: messages to be sent, reminders, the end of a status."""

    waiting = _count(help_text="Entries that are due and that nobody has begun with.")
    late = serializers.FloatField(help_text="For how many seconds the first of them has been due.")
    done = _count(help_text="Since each process started.")
    failed = _count(help_text="Tries that have failed, since each process started.")
    setAside = _count(help_text="Entries that failed too often, up to 100: `manage.py due` lists them.")


class OutboxSerializer(serializers.Serializer[Any]):
    """What people are told while they are away: pushes and mails."""

    waiting = _count(help_text="Those that are due and that nobody has begun with, up to 100 of each of 20 partitions.")
    late = serializers.FloatField(help_text="For how many seconds the first of them has been due.")
    underWay = _count(help_text="Those that are being sent, or have been taken and wait for their turn.")
    sent = _count(help_text="Since each process started.")
    failed = _count(help_text="Tries that no push service or mail server has taken, since each process started.")
    givenUp = _count(help_text="Those that were tried until the end in vain, since each process started.")


class StatesSerializer(serializers.Serializer[Any]):
    dynamodb = _state()
    mongodb = _state()
    redis = _state()


class WorkerSerializer(serializers.Serializer[Any]):
    """One process."""

    host = serializers.CharField()
    pid = serializers.IntegerField()
    status = _state()
    draining = serializers.BooleanField(help_text="Whether it is about to end.")
    version = serializers.CharField()
    uptime = serializers.FloatField()
    http = _state()
    websocket = _state()
    databases = StatesSerializer()
    connections = _count()
    rooms = _count()
    rss = _count()
    lagP99Ms = serializers.FloatField()


class FollowerSerializer(serializers.Serializer[Any]):
    """How far a follower of the groups' logs is behind; only its name while Redis is away."""

    name = serializers.CharField()
    groups = _count(required=False, help_text="Groups in which it has something to do.")
    seconds = serializers.FloatField(required=False, help_text="How long the first of them has waited.")
    setAside = _count(required=False, help_text="Entries that it could not handle, and left.")


class HealthSerializer(serializers.Serializer[Any]):
    """Anybody sees the states; figures are for administrators, and for bearers of `HEALTH_TOKEN`."""

    status = serializers.ChoiceField(
        SERVER_STATES, help_text="`degraded`: it serves, something is away. `down`: it has no DynamoDB."
    )
    server = ServerSerializer()
    databases = DatabasesSerializer()
    rooms = RoomsSerializer(required=False)
    sockets = SocketsSerializer(required=False)
    memory = MemorySerializer(required=False)
    errors = ErrorsSerializer(required=False)  # type: ignore[assignment] # Serializer's own `errors` are of input
    eventLoop = EventLoopSerializer(required=False)
    due = DueSerializer(required=False)
    outbox = OutboxSerializer(required=False)
    followers = FollowerSerializer(many=True, required=False)
    workers = WorkerSerializer(many=True, required=False)


class LiveSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(LIVENESS)


class ReadySerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(READINESS)
