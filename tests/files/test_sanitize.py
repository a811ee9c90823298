"""Untrusted names and types become harmless and are otherwise kept."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.sanitize import FALLBACK_TYPE, clean_content_type, clean_filename

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("photo.png", "photo.png"),
        ("Übersicht (2. Entwurf).pdf", "Übersicht (2. Entwurf).pdf"),
        ("写真.jpg", "写真.jpg"),
        ("👩‍👩‍👧.gif", "👩‍👩‍👧.gif"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("/", "file"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        (" . . ", "file"),
        (".env", ".env"),
        ("invoice.exe. ", "invoice.exe"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1"),
        ("a\x00b\x1f\x7f\x85.txt", "ab.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\u2066a\u2069\u200e.txt", "a.txt"),
        ("line\u2028break", "linebreak"),
        ("broken\ud800.txt", "broken.txt"),
        ("e\u0301.txt", "é.txt"),
        ('a"b;c.txt', 'a"b;c.txt'),
        ("x" * 300 + ".tar", "x" * 251 + ".tar"),
        ("x" * 300, "x" * 255),
        ("a." + "y" * 300, "a." + "y" * 253),
    ],
)
def test_a_name_keeps_what_a_reader_needs(raw: str, name: str) -> None:
    assert clean_filename(raw) == name


@given(st.text(alphabet=st.characters(), max_size=600))
def test_any_name_becomes_harmless_and_is_then_kept(raw: str) -> None:
    name = clean_filename(raw)
    assert 1 <= len(name) <= 255
    assert not set(name) & set("/\\\r\n\x00\u202e\u2066")
    assert name not in {".", ".."}
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in name)
    name.encode()
    assert clean_filename(name) == name


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("image/png", "image/png"),
        ("Text/HTML; charset=utf-8", "text/html"),
        ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        ("image/svg+xml", "image/svg+xml"),
        (None, FALLBACK_TYPE),
        ("", FALLBACK_TYPE),
        ("text", FALLBACK_TYPE),
        ("text/", FALLBACK_TYPE),
        ("text/html\r\nX: y", FALLBACK_TYPE),
        ("text/html\n", FALLBACK_TYPE),
        ("text/h tml", FALLBACK_TYPE),
        ("téxt/plain", FALLBACK_TYPE),
        ("a/" + "b" * 128, FALLBACK_TYPE),
        ("text/plain/x", FALLBACK_TYPE),
    ],
)
def test_a_type_is_two_tokens_or_the_fallback(raw: str | None, clean: str) -> None:
    assert clean_content_type(raw) == clean


@given(st.text())
def test_any_type_fits_into_a_header(raw: str) -> None:
    clean = clean_content_type(raw)
    assert clean.isascii()
    assert clean.isprintable()
    assert clean_content_type(clean) == clean
