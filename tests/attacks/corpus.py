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
    "a deep list": "[" * 900 + "]" * 900,
    "a bottomless list": "[" * 400_000,
    "a deep object": '{"a":' * 500 + "1" + "}" * 500,
    "lists of lists": "[" + "[[[]]]," * 100_000 + "[]]",
    "nothing": "null",
    "true": "true",
    "an empty text": '""',
    "a NUL": '"\\u0000"',
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


FRAMES: dict[str, str] = {
    "nothing": "",
    "no JSON": "{" * 900_000,
    "a list": "[" + "0," * 450_000 + "0]",
    "a name without end": '{"event":"' + "e" * 900_000 + '"}',
    "an acknowledgement without end": '{"event":"message","ack":"' + "a" * 900_000 + '"}',
    "many fields": "{" + '"event":"x",' * 80_000 + '"event":"y"}',
    "many members": '{"event":"message","data":{' + ",".join(f'"k{n}":[]' for n in range(80_000)) + "}}",
    "no UTF-8": '{"event":"\ud83e"}'.encode(errors="replace").decode(),
    "not a number": '{"event":"message","data":NaN}',
    "white space": " " * 900_000 + "{}",
    "data that is a text": '{"event":"message","data":"' + "d" * 900_000 + '"}',
}

POLLING: dict[str, str] = {
    "nothing": "",
    "separators": "\x1e" * 900_000,
    "pongs": "3\x1e" * 400_000 + "3",
    "pings": "2\x1e" * 1_000 + "2",
    "binary": "b" + "A" * 120_000,
    "no base64": "b" + "=" * 120_000,
    "unknown packets": "9" * 100_000,
    "many connects": "40\x1e" * 1_500 + "40",
    "namespaces": "\x1e".join(f"40/{n}," for n in range(1_500)),
    "a namespace without end": "40/" + "n" * 120_000,
    "attachments": "4599999-[]",
    "a long acknowledgement": "42" + "9" * 100_000 + "[]",
    "a deep connect": "40" + '{"a":' * 20_000,
    "a since without end": '40{"since":{' + ",".join(f'"g{n}":"x"' for n in range(8_000)) + "}}",
}

QUERIES: dict[str, str] = {
    "a long search": "/api/users?search=" + "x" * 20_000,
    "a long cursor": "/api/groups?cursor=" + "A" * 20_000,
    "a long number": "/api/messages?groupId=g&limit=" + "9" * 5_000,
    "many parameters": "/api/users?" + "&".join(f"a{n}=" for n in range(2_000)),
    "the same parameter": "/api/users?" + "&".join(["search=x"] * 2_000),
    "a long path": "/api/messages/" + "x" * 20_000,
    "many slashes": "/x" + "/" * 20_000,
    "escapes": "/api/files/" + "%00" * 5_000,
    "a thumbnail without end": "/api/files/x/thumbnails/" + "9" * 5_000,
    "a kind of files": "/api/files?groupId=g&type=" + "(a*)*" * 4_000,
    "half an escape": "/api/users?search=%",
    "other bytes": "/api/users?search=" + "%ff" * 5_000,
    "a page": "/groups/" + "g" * 20_000 + "?before=" + "9" * 5_000,
    "a page's cursor": "/?list&cursor=" + "A" * 20_000,
    "a sid": "/socket.io/?EIO=4&transport=polling&sid=" + "s" * 20_000,
}
