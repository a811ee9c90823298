"""Inputs that chance makes of good ones: the same ones for the same seed."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace

from tests.test_bad_input import EVENTS, LISTS, REQUESTS

from . import notifications, plans
from .pages import FORMS, PAGES, good_forms
from .requests import CSRF, DOORS, Request
from .uploads import good_uploads

# What is put into an input: signs of its languages, and what is too much.
_TOKENS = (
    *('"', "{", "}", "[", "]", ",", ":", "\\", "&", "=", "%", ";", "/", "?", "#", "<", ">", "'", "+", "-", " ", "\t"),
    *("null", "true", "-1", "0", "1e999", "NaN", "9" * 400, "\\ud83e", "\\u0000", "%00", "%ff", "%ED%A0%80", "../"),
    *(
        "\0",
        "\x1e",
        "\x7f",
        "é",
        "\u202e",
        "\u0301" * 40,
        "👍",
        "\ufdfa",
        "\r\n",
        "\r\n\r\n",
        "--b",
        "\r\n--b\r\n",
        "--b--",
    ),
    *("4", "40", "42", "421", "451-", "4599-", "/x,", '{"_placeholder":true,"num":0}', "$group", "$message", "$file"),
    *("x" * 70_000, "[" * 900, '{"a":' * 300, "[]," * 20_000, "a&" * 2_000, "<b>" * 3_000, "(" * 3_000),
)
_MAX_LENGTH = 400_000


class Generator:
    """Spoils good inputs by chance."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def frames(self, count: int) -> Iterator[str]:
        """Yield frames of `/ws/`."""
        for _ in range(count):
            event, data = self._event()
            yield self._spoil(f'{{"event":"{event}","ack":1,"data":{data}}}')

    def packets(self, count: int) -> Iterator[str | bytes]:
        """Yield packets of Socket.IO."""
        for _ in range(count):
            event, data = self._event()
            head = self._chance.choice(("42", "421", "451-", "42/x,", "43", "40"))
            text = self._spoil(f'{head}["{event}",{data}]')
            yield text.encode() if self._chance.random() < 0.1 else text

    def payloads(self, count: int) -> Iterator[str]:
        """Yield bodies of polling."""
        for _ in range(count):
            events = [self._event() for _ in range(self._chance.randint(1, 4))]
            yield self._spoil("\x1e".join(["40", *(f'42["{event}",{data}]' for event, data in events)]))

    def requests(self, count: int) -> Iterator[Request]:
        """Yield requests to the API, pages, forms and uploads."""
        good = list(good_requests())
        for number in range(count):
            request = self._chance.choice(good)
            yield self._spoiled_request(replace(request, title=f"{number}: {request.method} {request.path}"))

    def _event(self) -> tuple[str, str]:
        event = self._chance.choice(sorted(EVENTS))
        return event, json.dumps(EVENTS[event])

    def _spoiled_request(self, request: Request) -> Request:
        part = self._chance.randrange(10 if request.body else 4)
        if part < 2:
            return replace(request, path=_one_line(self._spoil(request.path)).replace(" ", "+"))
        if part < 4:
            name = self._chance.choice((*request.headers, "Accept", "Cookie", "Origin", "Range", "Referer", "Host"))
            spoiled = _one_line(self._spoil(request.headers.get(name) or "$cookie"))
            return replace(request, headers={**request.headers, name: spoiled})
        # Latin-1, so that a body may have any bytes.
        body = self._spoil(request.body.decode("latin-1"))
        return replace(request, body=body.encode("latin-1" if body.isascii() else "utf-8", "replace"))

    def _spoil(self, text: str) -> str:
        for _ in range(self._chance.randint(1, 4)):
            start = self._chance.randint(0, len(text))
            end = start + self._chance.randrange(30)
            token = self._chance.choice(_TOKENS)
            match self._chance.randrange(6):
                case 0:
                    text = text[:start] + text[end:]
                case 1:
                    text = text[:start] + token + text[start:]
                case 2:
                    text = text[:start] + token + text[end:]
                case 3:
                    text = text[:start] + text[start:end] * self._chance.randrange(2, 2_000) + text[end:]
                case 4:
                    text = text[:start] + chr(self._chance.randrange(0xD800)) + text[start + 1 :]
                case 5 if self._chance.random() < 0.3:
                    text = text[:start]
        return text[:_MAX_LENGTH]


def good_requests() -> Iterator[Request]:
    """Yield a request to each door that is as it should be."""
    as_json: dict[str, str | None] = {"Content-Type": "application/json", "X-CSRFToken": CSRF}
    for (method, path), data in REQUESTS.items():
        yield Request(path, method, path, json.dumps(data).encode(), as_json)
    for path, names in LISTS.items():
        yield Request(path, "GET", f"{path}?" + "&".join(f"{name}=1" for name in names))
    for method, path, body in DOORS:
        if not body:
            yield Request(path, method, path)
    for path in PAGES:
        yield Request(path, "GET", path)
    for forms in (FORMS, plans.FORMS, notifications.FORMS):
        yield from good_forms(forms)
    yield from good_uploads()


def _one_line(text: str) -> str:
    """Leave out what would end a header, and with it the request."""
    return text.replace("\r", "").replace("\n", "")
