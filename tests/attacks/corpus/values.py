"""Hostile inputs, generated from tables: each a value that is too much in one field of an otherwise good input."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

# Values as JSON, so that they may be what no encoder writes.
VALUES: dict[str, str] = {
    "half a million zeros": "[" + "0," * 450_000 + "0]",
    "objects without end": "[" + "{}," * 300_000 + "{}]",
    "an object of many names": "{" + ",".join(f'"n{n}":{n}' for n in range(60_000)) + "}",
    "a text without end": '"' + "x" * 900_000 + '"',
    "a text of surrogate halves": '"' + "\\ud83e" * 30_000 + '"',
    "a text of escapes": '"' + "\\u0041" * 150_000 + '"',
    "a text of combining marks": '"a' + "\u0301" * 400_000 + '"',
    "a long number": "9" * 4_000,
    "a number past all": "1e999",
    "a small negative number": "-1e-300",
    "a deep list": "[" * 1_000 + "]" * 1_000,
    "a bottomless list": "[" * 400_000,
    "a deep object": '{"a":' * 500 + "1" + "}" * 500,
    "lists of lists": "[" + "[[[]]]," * 100_000 + "[]]",
    "nothing": "null",
    "true": "true",
    "an empty text": '""',
    "a NUL": '"\\u0000"',
    # Few characters, and too many bytes for a key of a table.
    "emoji": '"' + "\\ud83d\\ude00" * 256 + '"',
}

# Of the values over HTTP, those that differ there.
HTTP_VALUES = {
    name: VALUES[name]
    for name in ("half a million zeros", "a text without end", "a deep list", "a bottomless list", "a NUL", "emoji")
}


def spoiled(
    inputs: Mapping[str, Mapping[str, Any]], values: Mapping[str, str] = VALUES
) -> Iterator[tuple[str, str, str]]:
    """Yield a title, the input's name and its JSON, for each value in each field of each input."""
    for name, good in inputs.items():
        for field in good:
            for value_name, value in values.items():
                rest = {key: each for key, each in good.items() if key != field}
                text = json.dumps(rest)[:-1] + (", " if rest else "") + f'"{field}": {value}}}'
                yield f"{name}.{field}: {value_name}", name, text
