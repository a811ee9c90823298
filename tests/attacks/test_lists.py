"""A list or a word of any length costs its sender a short refusal, and nobody else anything."""

import contextlib
import gc
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from rest_framework import serializers

import files
import groups
import messaging
import users
from foundation.errors import Invalid
from foundation.fields import BoundedDict, BoundedList
from foundation.validation import MAX_ERRORS, validated
from groups.serializers import AddMembersInput, CreateGroupInput
from messaging.connection_serializers import HandshakeInput
from messaging.serializers import SendMessageInput
from realtime.dispatcher import _fail
from realtime.engineio.packets import decode_payload
from realtime.hub.connection import Connection
from realtime.jsonsocket.connection import ENCODER
from realtime.jsonsocket.packets import decode
from realtime.transport.errors import ProtocolError
from tests.recording_channel import RecordingChannel

pytestmark = pytest.mark.unit

ATTACKS: dict[str, tuple[type[serializers.Serializer[Any]], dict[str, Any]]] = {
    "half a million attachments": (SendMessageInput, {"groupId": "g", "attachments": [0] * 495_000}),
    "attachments that are none": (SendMessageInput, {"groupId": "g", "attachments": [0] * 10}),
    "half a million members": (CreateGroupInput, {"name": "n", "memberIds": [0] * 495_000}),
    "a thousand bad members": (CreateGroupInput, {"name": "n", "memberIds": [0] * 1000}),
    "half a million users": (AddMembersInput, {"groupId": "g", "userIds": [0] * 495_000}),
    "a thousand bad users": (AddMembersInput, {"groupId": "g", "userIds": ["x" * 900] * 1000}),
    "80,000 places": (HandshakeInput, {"since": {f"g{n}": "x" for n in range(80_000)}}),
    "4,000 bad places": (HandshakeInput, {"since": {f"g{n}": "x" for n in range(4000)}}),
    "a name without end": (HandshakeInput, {"since": {"g" * 900_000: "x"}}),
    "a word without end": (SendMessageInput, {"groupId": "g" * 900_000, "content": "c" * 900_000}),
    "a list in place of a word": (SendMessageInput, {"groupId": [0] * 400_000, "content": {"x": [0] * 90_000}}),
    "an object in place of a list": (
        SendMessageInput,
        {"groupId": "g", "attachments": {str(n): n for n in range(50_000)}},
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_refusal_is_short_however_much_was_sent(name: str) -> None:
    serializer, data = ATTACKS[name]
    with pytest.raises(Invalid) as refused:
        validated(serializer, data)
    assert sum(map(len, (refused.value.fields or {}).values())) <= MAX_ERRORS
    assert len(orjson.dumps(refused.value.as_wire())) < 3000


def test_the_items_of_a_list_that_is_too_long_are_not_looked_at() -> None:
    class Item(serializers.Field[Any, Any, Any, Any]):
        def run_validation(self, data: Any = None) -> Any:
            raise AssertionError("an item was validated")

    for field, data in (
        (BoundedList(child=Item(), max_length=2), [1, 2, 3]),
        (BoundedDict(child=Item(), max_length=2), {"a": 1, "b": 2, "c": 3}),
    ):
        with pytest.raises(serializers.ValidationError):
            field.run_validation(data)


def test_the_longest_list_of_good_items_is_taken() -> None:
    places = {f"group_{n:022}": n for n in range(4000)}
    assert validated(HandshakeInput, {"since": places})["since"] == places


def test_every_list_and_object_of_every_input_is_bounded() -> None:
    fields = [field for serializer in _inputs() for field in serializer().fields.values()]
    assert len(fields) > 40
    unbounded = [
        f"{type(field.parent).__name__}.{field.field_name}"
        for field in fields
        if isinstance(field, serializers.ListField | serializers.DictField | serializers.JSONField)
        and not isinstance(field, BoundedList | BoundedDict)
    ]
    assert unbounded == []


def _inputs() -> Iterator[type[serializers.Serializer[Any]]]:
    for app in (users, groups, messaging, files):
        for module in pkgutil.iter_modules(app.__path__, f"{app.__name__}."):
            if module.name.endswith("serializers"):
                for name, value in vars(importlib.import_module(module.name)).items():
                    if name.endswith("Input") and isinstance(value, type) and issubclass(value, serializers.Serializer):
                        yield value


def test_the_name_of_an_event_is_repeated_in_part() -> None:
    channel = RecordingChannel()
    connection = Connection(encoder=ENCODER, channel=channel)
    _fail(connection, "e" * 900_000, Invalid(), None)
    assert 0 < sum(map(len, channel.packets)) < 1000


def test_an_acknowledgement_is_asked_for_in_few_characters() -> None:
    with pytest.raises(Invalid):
        decode(orjson.dumps({"event": "message", "ack": "a" * 129}))
    assert decode(orjson.dumps({"event": "message", "ack": "a" * 128}))["ack"] == "a" * 128


def test_a_polling_payload_has_only_so_many_packets() -> None:
    assert len(decode_payload(b"\x1e".join([b"3"] * 2000))) == 2000
    with pytest.raises(ProtocolError):
        decode_payload(b"\x1e".join([b"3"] * 2001))


@pytest.mark.parametrize("field", [{"content": "x" * 11_000}, {"after": -1}, {"content": "\0"}])
def test_what_was_refused_is_let_go_at_once(field: dict[str, Any]) -> None:
    gc.collect()
    gc.disable()
    try:
        with contextlib.suppress(Invalid):
            validated(SendMessageInput, {"groupId": "g", **field})
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert [each for each in gc.garbage if isinstance(each, BaseException)] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
