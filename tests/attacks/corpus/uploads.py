"""Hostile uploads: bodies of `multipart/form-data` that are wrong in every way, with hostile files in them."""

import struct
from collections.abc import Iterator

from .requests import CSRF, Request

_END = b"--b--\r\n"


def _part(disposition: str | bytes, content: bytes = b"x", *more: str | bytes) -> bytes:
    """Return one part of a body, with `more` headers."""
    lines = [b"Content-Disposition: form-data; " + _bytes(disposition), *map(_bytes, more)]
    return b"--b\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + content + b"\r\n"


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


# What every form has to have.
_FIELDS = _part('name="groupId"', b"$group") + _part('name="csrfmiddlewaretoken"', CSRF.encode())


def _file(content: bytes = b"x", filename: str | bytes = b"a.txt", *more: str | bytes) -> bytes:
    return _part(b'name="file"; filename="' + _bytes(filename) + b'"', content, *more)


# The part of a file, by its `Content-Disposition` or its other headers.
NAMES: dict[str, str | bytes] = {
    "nothing": "",
    "a path": "../../../../etc/passwd",
    "a path of Windows": "..\\..\\windows\\system32\\x.dll",
    "dots": "..",
    "a NUL": b"a.txt\0.exe",
    "line breaks": b"a\r b\r\n c",
    "a long name": "x" * 700 + ".txt",
    "a long extension": "x." + "y" * 700,
    "other bytes": b"\xff\xfe\xed\xa0\x80",
    "marks": "a" + "\u0301" * 300,
    "nothing to see": "\u200b\u2800\u3164",
    "a direction": "exe.\u202egpj",
    "letters that grow": "\ufdfa" * 200,
    "entities": "&#46;&#46;&#47;x&#0;",
    "many entities": "&#x2f;" * 120,
    "quotes": 'a\\"b";filename="c',
    "half a quote": "a\\",
    "a device": "CON",
    "markup": "<img src=x onerror=alert(1)>.html",
    "a query": "a?b#c%00",
}
DISPOSITIONS: dict[str, str | bytes] = {
    "no name": 'filename="a"',
    "another name": 'name="x"; filename="a"',
    "a long name": 'name="' + "n" * 900 + '"; filename="a"',
    "an endless name": 'name="' + "n" * 500_000 + '"; filename="a"',
    "a NUL for a name": b'name="\0"; filename="a"',
    "half a quote": 'name="file"; filename="a',
    "two names": 'name="file"; filename="a"; filename="b"; name="groupId"',
    "many parameters": 'name="file"; filename="a"' + ";a=b" * 200,
    "an encoded name": "name=\"file\"; filename*=utf-8''%00%2e%2e%2fx",
    "another encoding": "name=\"file\"; filename*=zlib''x",
    "no encoding": "name=\"file\"; filename*=''x",
    "a name that is encoded by half": "name=\"file\"; filename*=utf-8''x; filename*0=y",
    "half an encoded name": 'name="file"; filename*=utf-8\'x',
    "other bytes encoded": "name=\"file\"; filename*=utf-8''%ff%fe%ed%a0%80",
    "a group that is a file": 'name="groupId"; filename="a"',
    "a token that is a file": 'name="csrfmiddlewaretoken"; filename="a"',
}
PART_HEADERS: dict[str, tuple[str | bytes, ...]] = {
    "a type without end": ("Content-Type: text/" + "x" * 800,),
    "a type of other bytes": (b"Content-Type: \xff/\xff; charset=\xff",),
    "a type of nothing": ("Content-Type:",),
    "a charset that is none": ("Content-Type: text/html; charset=zlib",),
    "an encoded parameter": ("Content-Type: text/html; a*=nothing''x; charset*=''%ff",),
    "a numbered parameter": ("Content-Type: text/html; a*" + "9" * 800 + "=x",),
    "another body in it": ("Content-Type: multipart/mixed; boundary=c",),
    "a message": ("Content-Type: message/rfc822",),
    "base64 that is none": ("Content-Transfer-Encoding: base64",),
    "an unknown encoding": ("Content-Transfer-Encoding: x-uuencode",),
    "a length": ("Content-Length: 99999999999",),
    "a length of letters": ("Content-Length: x",),
    "a header without a colon": ("x" * 500,),
    "many headers": tuple(f"A{n}: b" for n in range(60)),
    "too many headers": tuple(f"A{n}: b" for n in range(20_000)),
    "an endless header": ("A: " + "b" * 500_000,),
    "a second disposition": ("Content-Disposition: form-data; name=groupId",),
}
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
CONTENTS: dict[str, bytes] = {
    "nothing": b"",
    "a boundary": b"\r\n--b",
    "boundaries": b"\r\n--bb" * 100_000,
    "line breaks": b"\r\n" * 300_000,
    "dashes": b"--" * 300_000,
    "base64 of a wrong length": b"QQ=" * 10_001,
    "a PNG past all sizes": _PNG + struct.pack(">II", 2**31, 2**31),
    "half a PNG": _PNG,
    "a GIF without end": b"GIF89a" + b"\xff" * 300_000,
    "a JPEG of empty segments": b"\xff\xd8\xff" + b"\xff\xe0\0\0" * 60_000,
    "a JPEG of markers": b"\xff\xd8" + b"\xff" * 300_000,
    "a JPEG of small segments": b"\xff\xd8" + b"\xff\xe0\0\2" * 60_000,
    "a WebP of nothing": b"RIFF\xff\xff\xff\xffWEBPVP8X",
    "a WebP without end": b"RIFF\0\0\0\0WEBP" + b"\0" * 300_000,
    "an SVG": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"a" * 9_000 + b'">]><svg>' + b"&a;" * 9_000,
    "a script": b"alert(1)//" * 9_000,
}
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no parts": _END,
    "no end": _FIELDS + _file()[:-2],
    "half a boundary": _FIELDS + b"--",
    "half of a part's head": _FIELDS + b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n',
    "a preamble without end": b"x" * 900_000 + _END,
    "line breaks without end": b"\r\n" * 450_000,
    "boundaries without end": b"--b\r\n" * 180_000,
    "ends": _END * 120_000,
    "another boundary": b"--c\r\n" * 100_000,
    "heads that do not end": b"--b\r\n" + b"A: b\r\n" * 150_000,
    "many fields": _FIELDS + b"".join(_part(f'name="f{n}"') for n in range(12_000)) + _END,
    "fields of one name": _FIELDS + _part('name="groupId"') * 12_000 + _END,
    "many files": _FIELDS + _file() * 9_000 + _END,
    "ninety files": _FIELDS + _file() * 90 + _END,
    "eleven files": _FIELDS + _file() * 11 + _END,
    "two files": _FIELDS + _file() * 2 + _END,
    "no file": _FIELDS + _END,
    "no group": _file() + _END,
    "two groups": _FIELDS * 2 + _file() + _END,
    "an empty group": _part('name="groupId"', b"") + _file() + _END,
    "a NUL for a group": _part('name="groupId"', b"\0") + _file() + _END,
    "other bytes for a group": _part('name="groupId"', b"\xff" * 100_000) + _file() + _END,
    "a group without end": _part('name="groupId"', b"g" * 900_000) + _file() + _END,
    "a file that is a field": _FIELDS + _part('name="file"') + _END,
    "an epilogue without end": _FIELDS + _file() + _END + b"x" * 900_000,
    "line breaks of Unix": (_FIELDS + _file() + _END).replace(b"\r\n", b"\n"),
    "multipart in multipart": _FIELDS + b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 9_000 + _END,
    "text after it": b"x" + _FIELDS + _file() + _END,
}
_GOOD = _FIELDS + _file() + _END
# Another `Content-Type` or length, with a good body.
HEADERS: dict[str, dict[str, str | None]] = {
    "no type": {"Content-Type": None},
    "no boundary": {"Content-Type": "multipart/form-data"},
    "an empty boundary": {"Content-Type": "multipart/form-data; boundary="},
    "another boundary": {"Content-Type": "multipart/form-data; boundary=c"},
    "a long boundary": {"Content-Type": "multipart/form-data; boundary=" + "b" * 201},
    "an endless boundary": {"Content-Type": "multipart/form-data; boundary=" + "b" * 50_000},
    "a boundary of other letters": {"Content-Type": "multipart/form-data; boundary=\u00ff"},
    "a boundary that is encoded": {"Content-Type": "multipart/form-data; boundary*=utf-8''b%00"},
    "half a quote": {"Content-Type": 'multipart/form-data; boundary="b'},
    "a charset": {"Content-Type": "multipart/form-data; boundary=b; charset=zlib"},
    "another multipart": {"Content-Type": "multipart/mixed; boundary=b"},
    "a form": {"Content-Type": "application/x-www-form-urlencoded"},
    "JSON": {"Content-Type": "application/json"},
    "no length": {"Content-Length": None},
    "no bytes": {"Content-Length": "0"},
    "half of the length": {"Content-Length": str(len(_GOOD) // 2)},
    "a byte more": {"Content-Length": str(len(_GOOD) + 100)},
    "a length without end": {"Content-Length": "9" * 40},
    "a length of 100 MB": {"Content-Length": "100000000"},
    "chunks without end": {"Content-Length": None, "Transfer-Encoding": "chunked"},
    "other credentials": {"Authorization": "Bearer x"},
    "no credentials": {"Cookie": None},
}
_HANGING = frozenset(("a byte more", "a length without end", "a length of 100 MB", "chunks without end"))
_TYPE = "multipart/form-data; boundary=b"


_PATHS = ("/api/upload", "/groups/$group/messages")


def good_uploads() -> Iterator[Request]:
    for path in _PATHS:
        yield _upload(path, "good", _GOOD)


def uploads() -> Iterator[Request]:
    for path in _PATHS:
        for title, body in _bodies():
            yield _upload(path, title, body)
        for title, headers in HEADERS.items():
            both = {"Content-Type": _TYPE, "X-CSRFToken": CSRF, **headers}
            yield Request(f"{path}, {title}", "POST", path, _GOOD, both, hangs_up=title in _HANGING)


def _upload(path: str, title: str, body: bytes) -> Request:
    return Request(f"{path}, {title}", "POST", path, body, {"Content-Type": _TYPE, "X-CSRFToken": CSRF})


def _bodies() -> Iterator[tuple[str, bytes]]:
    yield "good", _GOOD
    yield from BODIES.items()
    for title, name in NAMES.items():
        yield f"a name: {title}", _FIELDS + _file(filename=name) + _END
    for title, disposition in DISPOSITIONS.items():
        yield f"a disposition: {title}", _FIELDS + _part(disposition) + _END
    for title, headers in PART_HEADERS.items():
        yield f"a part: {title}", _FIELDS + _file(b"QUJD\r\n" * 9, b"a.txt", *headers) + _END
    for title, content in CONTENTS.items():
        yield f"a content: {title}", _FIELDS + _file(content) + _END
        encoded = _file(content, b"a.png", "Content-Transfer-Encoding: base64")
        yield f"an encoded content: {title}", _FIELDS + encoded + _END
