"""The AsyncAPI document is valid, whole, and of one word with docs/sockets.md."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from foundation.errors import kinds_by_code
from messaging.consumers import CLIENT_EVENTS, ChatApplication
from messaging.event_serializers import server_events
from tests.test_architecture import APPS

from .reading import Reading, references

ROOT = Path(__file__).resolve().parents[3]
OFFICIAL = ROOT / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
PAGE = (ROOT / "docs" / "sockets.md").read_text()
# What a door says beside the application's events.
DOORS_OWN = {
    "socketio": {"client.connect", "server.connect_error"},
    "json": {"client.connect", "client.ping", "server.pong"},
}


def test_it_is_asyncapi_by_the_official_schema(reading: Reading) -> None:
    official = json.loads(OFFICIAL.read_text())
    errors = [
        f"{error.json_path}: {error.message}"
        for error in jsonschema.Draft7Validator(official).iter_errors(reading.document)
    ]
    assert errors == []


def test_every_reference_leads_somewhere(reading: Reading) -> None:
    for reference in set(references(reading.document)):
        place = reading.document
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


@pytest.mark.parametrize("channel", DOORS_OWN)
def test_it_has_what_is_handled_and_what_is_told_and_nothing_else(reading: Reading, channel: str) -> None:
    handled = ChatApplication.events.keys()
    expected = {
        *(f"{side}.{name}" for name in handled for side in ("client", "answer")),
        *(f"server.{name}" for name in server_events()),
        *DOORS_OWN[channel],
    }
    assert reading.messages(channel).keys() == expected
    operations = {key.partition(".")[2] for key in reading.document["operations"] if key.startswith(f"{channel}.")}
    assert operations == {key for key in expected if not key.startswith("answer.")}


def test_every_event_says_what_it_is_for(reading: Reading) -> None:
    assert all(operation["summary"] for operation in reading.document["operations"].values())


@pytest.mark.parametrize("name", CLIENT_EVENTS)
def test_a_clients_event_has_the_fields_that_its_handler_takes(reading: Reading, name: str) -> None:
    shape = CLIENT_EVENTS[name].input
    schema = reading.schema(shape.__name__.removesuffix("Serializer"))
    fields = shape().fields
    assert list(schema["properties"]) == list(fields)
    assert set(schema["required"]) == {name for name, field in fields.items() if field.required}


def emitted() -> Iterator[tuple[str, str]]:
    """Yield (place, event) of every event that the product emits under a name written there and then."""
    for path in sorted(path for app in (*APPS, "chatproject") for path in (ROOT / app).rglob("*.py")):
        if path.name == "echo.py":  # another application, for conformance suites
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("emit", "broadcast_transient"):
                for argument in node.args[:2]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", argument.value


def test_no_event_is_told_under_a_name_that_is_not_in_it() -> None:
    strays = {place: name for place, name in emitted() if name not in server_events()}
    assert strays == {}
    assert "error" in dict(emitted()).values(), "nothing was looked at"


def table_under(heading: str) -> set[str]:
    """Return the names in the first column of the table under a heading of docs/sockets.md."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {name for row in re.findall(r"^\| (`.*?) \|", section, re.M) for name in re.findall(r"`(\w+)`", row)}


def test_the_page_for_people_names_the_same_events_and_errors(reading: Reading) -> None:
    assert table_under("What the client sends") == CLIENT_EVENTS.keys()
    assert table_under("What the server sends") == server_events().keys()
    assert table_under("Errors") == kinds_by_code().keys()


def test_the_page_for_people_names_the_same_close_codes(reading: Reading) -> None:
    section = PAGE.partition("`/ws/` closes with")[2].partition("A Socket.IO client")[0]
    assert set(re.findall(r"\b[14]\d{3}\b", section)) == reading.document["channels"]["json"]["x-close-codes"].keys()
