"""JSON of clients: what would take long to parse is refused, and all that is not JSON."""

import json
from typing import Any

import pytest
from rest_framework.exceptions import ParseError

from foundation.api import JsonParser
from foundation.bounded_json import loads
from tests.cpu_time import cpu_seconds

pytestmark = pytest.mark.unit

SECONDS = 0.01

MANY = {
    "zeros": "[" + "0," * 490_000 + "0]",
    "lists": "[" + "[]," * 300_000 + "[]]",
    "nested lists": "[" + ("[" * 900 + "]" * 900 + ",") * 500 + "0]",
    "objects": "[" + "{}," * 300_000 + "{}]",
    "keys": "{" + ",".join(f'"{n}":0' for n in range(70_000)) + "}",
    "numbers without an end": "9" * 900_000,
    "a string without an end": '"' + "x" * 900_000,
    "commas in a text": '["' + "," * 900_000 + '"]',
    "marks in a text": '["' + '\\"' * 400_000 + "," * 90_000 + '"]',
    "backslashes in a text": '["' + "\\\\" * 400_000 + "," * 90_000 + '"]',
    "texts": "[" + '"",' * 300_000 + '""]',
    "escapes": '"' + "\\ud83d\\ude00" * 70_000 + '"',
}


class Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self) -> bytes:
        return self._content


@pytest.mark.parametrize("name", MANY)
def test_a_megabyte_takes_a_few_milliseconds(name: str) -> None:
    content = MANY[name].encode()
    for function in (lambda: loads(MANY[name]), lambda: loads(content), lambda: JsonParser().parse(Body(content))):  # type: ignore[arg-type]
        assert cpu_seconds(function, ValueError, ParseError, enough=SECONDS) < SECONDS


@pytest.mark.parametrize("name", [*MANY][:5])
def test_what_has_too_many_values_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="too many values"):
        loads(MANY[name])


@pytest.mark.parametrize("before", ['"\\\\",', '"\\"",', '"x",', ""])
def test_values_behind_a_text_are_counted(before: str) -> None:
    with pytest.raises(ValueError, match="too many values"):
        loads(f"[{before}{'0,' * 60_000}0]")


@pytest.mark.parametrize("depth", [101, 900, 1_000])
def test_a_body_that_is_deep_is_refused(depth: int) -> None:
    for body in ("[" * depth + "]" * depth, '{"a":' * depth + "0" + "}" * depth):
        with pytest.raises(ParseError):
            JsonParser().parse(Body(body.encode()))  # type: ignore[arg-type]


def test_a_body_of_a_hundred_lists_is_read() -> None:
    assert JsonParser().parse(Body(b"[" * 100 + b"0" + b"]" * 100))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "NaN", "[Infinity]", "-Infinity", "[1,]", "{'a':1}", "nul", '"\n"', "[" * 100_000, "\ufeff{}"),
        *(b'"\xff"', b'{"a":"\xed\xa0\x80"}'),
    ],
)
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        loads(text)
    with pytest.raises(ParseError):
        JsonParser().parse(Body(text.encode() if isinstance(text, str) else text))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":1,"a":2}', {"a": 2}),
        ('"\\ud83d"', "\ud83d"),
        ("9007199254740993", 9007199254740993),
        ("[" * 500 + "]" * 500, json.loads("[" * 500 + "]" * 500)),
        (" [1, -2.5, true, null] ", [1, -2.5, True, None]),
        (json.dumps({"content": "\U0001f600" * 10_000}), {"content": "\U0001f600" * 10_000}),
        (json.dumps({"content": ",[{" * 3_333}), {"content": ",[{" * 3_333}),
        (json.dumps({"content": "1,2,3\n" * 13_650}), {"content": "1,2,3\n" * 13_650}),
        (json.dumps({"content": '",[{\\' * 20_000}), {"content": '",[{\\' * 20_000}),
        (json.dumps({f"group_{n:026}": n for n in range(4_000)}), {f"group_{n:026}": n for n in range(4_000)}),
    ],
)
def test_what_is_json_is_read(text: str, value: Any) -> None:
    assert loads(text) == loads(text.encode()) == value
