"""The AsyncAPI document is valid and complete, and agrees with docs/sockets.md."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from chatproject.consumers import ClientConsumer
from foundation.errors import error_classes_by_code
from messaging.event_serializers import server_events
from tests.test_architecture import APPS

from .validator import DocumentValidator, references

pytestmark = pytest.mark.unit


ROOT = Path(__file__).resolve().parents[3]
OFFICIAL = ROOT / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
PAGE = (ROOT / "docs" / "sockets.md").read_text()
# The messages of each endpoint beside the application's events.
ENDPOINT_MESSAGES = {
    "socketio": {"client.connect", "server.connect_error"},
    "json": {"client.connect", "client.ping", "server.pong"},
}


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official schema comes from npm: bin/setup --dev")
def test_it_is_valid_by_the_official_schema(validator: DocumentValidator) -> None:
    official = json.loads(OFFICIAL.read_text())
    errors = [
        f"{error.json_path}: {error.message}"
        for error in jsonschema.Draft7Validator(official).iter_errors(validator.document)
    ]
    assert errors == []


def test_every_reference_resolves(validator: DocumentValidator) -> None:
    for reference in set(references(validator.document)):
        target = validator.document
        for step in reference.removeprefix("#/").split("/"):
            assert step in target, reference
            target = target[step]


@pytest.mark.parametrize("channel", ENDPOINT_MESSAGES)
def test_it_has_exactly_the_events_that_are_handled_and_sent(validator: DocumentValidator, channel: str) -> None:
    handled = ClientConsumer.events.keys()
    expected = {
        *(f"{side}.{name}" for name in handled for side in ("client", "reply")),
        *(f"server.{name}" for name in server_events()),
        *ENDPOINT_MESSAGES[channel],
    }
    assert validator.messages(channel).keys() == expected
    operations = {key.partition(".")[2] for key in validator.document["operations"] if key.startswith(f"{channel}.")}
    assert operations == {key for key in expected if not key.startswith("reply.")}


def test_every_event_has_a_summary(validator: DocumentValidator) -> None:
    assert all(operation["summary"] for operation in validator.document["operations"].values())


@pytest.mark.parametrize("name", ClientConsumer.events)
def test_a_clients_event_has_the_fields_of_its_input_serializer(validator: DocumentValidator, name: str) -> None:
    serializer = ClientConsumer.events[name].input
    schema = validator.schema(serializer.__name__.removesuffix("Serializer"))
    fields = serializer().fields
    assert list(schema["properties"]) == list(fields)
    assert set(schema["required"]) == {name for name, field in fields.items() if field.required}


EMITTING = ("emit", "emit_or_close", "broadcast_transient")


def emitted() -> Iterator[tuple[str, str]]:
    """Yield (place, name) of every event that is emitted under a literal name."""
    for path in sorted(path for app in (*APPS, "chatproject") for path in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in EMITTING:
                for argument in node.args[:2]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", argument.value


def test_every_event_that_is_emitted_by_name_is_in_it() -> None:
    unknown = {place: name for place, name in emitted() if name not in server_events()}
    assert unknown == {}
    assert "error" in dict(emitted()).values(), "no emitted event was found"


def table_under(heading: str) -> set[str]:
    """Return the names in the first column of the table under a heading of docs/sockets.md."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {name for row in re.findall(r"^\| (`.*?) \|", section, re.M) for name in re.findall(r"`(\w+)`", row)}


def test_the_page_for_people_names_the_same_events_and_errors(validator: DocumentValidator) -> None:
    assert table_under("What the client sends") == ClientConsumer.events.keys()
    assert table_under("What the server sends") == server_events().keys()
    assert table_under("Errors") == error_classes_by_code(http=False).keys()


def test_the_page_for_people_names_the_same_close_codes(validator: DocumentValidator) -> None:
    section = PAGE.partition("`/ws/` closes with")[2].partition("A Socket.IO client")[0]
    assert set(re.findall(r"\b[14]\d{3}\b", section)) == validator.document["channels"]["json"]["x-close-codes"].keys()
