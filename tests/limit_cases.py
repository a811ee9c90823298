"""What a message may have, at and over each limit: the fields that differ, and the code of the answer."""

from typing import Any

from .entry_points import OK

LIMITS: dict[str, tuple[dict[str, Any], str]] = {
    "the longest content": ({"content": "é" * 10_000}, OK),
    "the longest content outside the first plane": ({"content": "🤷" * 10_000}, OK),
    "a character more": ({"content": "x" * 10_001}, "invalid"),
    "eleven files": ({"attachments": [f"file_{n}" for n in range(11)]}, "invalid"),
    "files that are not there": ({"attachments": ["file_1"]}, "invalid"),
    "a file twice": ({"attachments": ["file_1", "file_1"]}, "invalid"),
    "files as a text": ({"attachments": "file_1"}, "invalid"),
    "the longest clientId": ({"clientId": "c" * 64}, OK),
    "a clientId too long": ({"clientId": "c" * 65}, "invalid"),
    "a group's id too long": ({"groupId": "g" * 129}, "invalid"),
    "a NUL": ({"content": "a\0b"}, "invalid"),
    "half a surrogate pair": ({"content": "a\ud83e"}, "invalid"),
    "a number for content": ({"content": 5}, "invalid"),
    "a number for a group": ({"groupId": 5}, "invalid"),
    "a place as a float": ({"after": 1.0}, "invalid"),
    "a place in other digits": ({"after": "\u0661"}, "invalid"),
    "a place past what JSON carries": ({"after": 2**53}, "invalid"),
    "a place that is true": ({"after": True}, "invalid"),
    "a separator in the group's id": ({"groupId": "member#x"}, "not_found"),
    "a path in the group's id": ({"groupId": "../groups"}, "not_found"),
    "a line break in the group's id": ({"groupId": "a\nb"}, "not_found"),
}
