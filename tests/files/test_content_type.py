"""A file's type is what its content shows; a name and a declaration are believed where content proves nothing else."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.charset import charset_of, declared_charset
from files.content_type import content_type_of
from files.kinds import POLICIES
from tests.media import CLIP, pdf, picture, tone

pytestmark = pytest.mark.unit

OCTETS = "application/octet-stream"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(range(256))
HTML = b"<!doctype html><script>document.title = 'owned'</script>"


def mp4(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x20ftyp" + brand + b"\x00\x00\x02\x00" + bytes(100)


@pytest.mark.parametrize("declared", [OCTETS, "text/html", "image/png", "video/mp4", "application/pdf"])
@pytest.mark.parametrize("name", ["file", "a.html", "a.exe", "a.jpg"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (picture(image_format="PNG"), "image/png"),
        (picture(image_format="JPEG"), "image/jpeg"),
        (picture(image_format="GIF"), "image/gif"),
        (picture(image_format="WEBP"), "image/webp"),
        (picture(image_format="AVIF"), "image/avif"),
        (picture(image_format="TIFF"), "image/tiff"),
        (CLIP.read_bytes(), "video/webm"),
        (tone(0.1), "audio/wav"),
        (pdf(), "application/pdf"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x21" + bytes(100), "audio/mpeg"),
        (b"fLaC\x00\x00\x00\x22" + bytes(100), "audio/flac"),
        (mp4(b"M4A "), "audio/mp4"),
        (mp4(b"heic"), "image/heic"),
        (mp4(b"avif"), "image/avif"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_content_that_shows_its_type_has_it_whatever_is_said(
    content: bytes, expected: str, name: str, declared: str
) -> None:
    assert content_type_of(content, declared=declared, name=name) == expected


@pytest.mark.parametrize(
    ("content", "declared", "name", "expected"),
    [
        (CLIP.read_bytes(), "audio/webm", "a.webm", "audio/webm"),
        (mp4(b"isom"), "video/mp4", "a.mp4", "video/mp4"),
        (mp4(b"isom"), OCTETS, "a.m4a", "audio/mp4"),
        (b"\xff\xfb\x90\x64" + bytes(100), "audio/mpeg", "a.mp3", "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + bytes(100), OCTETS, "a", OCTETS),
        (b"BM" + bytes(100), "image/bmp", "a.bmp", "image/bmp"),
        (ZIP, OCTETS, "a.docx", DOCX),
        (ZIP, DOCX, "a", DOCX),
        (ZIP, OCTETS, "a", "application/zip"),
        (b"hello", OCTETS, "README", "text/plain"),
        (b"hello", "text/plain", "a.txt", "text/plain"),
        (b"a,b\n1,2", "text/csv", "a.csv", "text/csv"),
        (HTML, "text/html", "a.html", "text/html"),
        (b"<svg/>", "image/svg+xml", "a.svg", "image/svg+xml"),
        ("é\r\n".encode("utf-16"), OCTETS, "a.txt", "text/plain"),
        (bytes(100), "text/plain", "a.txt", OCTETS),
        (bytes(100), "application/x-special", "a", "application/x-special"),
        (b"", OCTETS, "a", OCTETS),
        (b"", "text/plain", "a", "text/plain"),
        # What says that it is shown, and is none of that.
        (HTML, "image/png", "a.png", "text/plain"),
        (HTML, "video/mp4", "a.mp4", "text/plain"),
        (HTML, "application/pdf", "a.pdf", "text/plain"),
        (bytes(100), "image/png", "a.png", OCTETS),
        (bytes(100), "audio/mpeg", "a.mp3", OCTETS),
    ],
)
def test_what_is_said_is_believed_as_far_as_it_fits(content: bytes, declared: str, name: str, expected: str) -> None:
    assert content_type_of(content, declared=declared, name=name) == expected


@given(st.binary(max_size=300), st.sampled_from([*POLICIES, OCTETS, "text/html"]))
def test_no_bytes_make_it_raise(content: bytes, declared: str) -> None:
    assert "/" in content_type_of(content, declared=declared, name="a.html")


def test_noise_is_nothing_that_is_shown() -> None:
    for _ in range(200):
        noise = b"\x00" + os.urandom(300)
        assert content_type_of(noise, declared="image/png", name="a.png") == OCTETS


@pytest.mark.parametrize(
    ("content", "declared", "charset"),
    [
        ("é".encode(), None, "utf-8"),
        ("é".encode("latin-1"), None, "windows-1252"),
        ("é".encode("latin-1"), "ISO-8859-1", "iso-8859-1"),
        ("é".encode("latin-1"), "utf-8", "windows-1252"),
        ("日本".encode("shift_jis"), "Shift_JIS", "shift_jis"),
        ("日本".encode("shift_jis"), None, "windows-1252"),
        (b"<?xml version='1.0' encoding='koi8-r'?>" + "я".encode("koi8-r"), None, "koi8-r"),
        (b"<meta charset=windows-1251>" + "я".encode("cp1251"), None, "windows-1251"),
        ("é".encode("utf-16"), None, "utf-16le"),
        (b"\xfe\xff\x00a", "utf-8", "utf-16be"),
        (b"\xef\xbb\xbfa", "latin-1", "utf-8"),
        (b"hello", "zlib", "utf-8"),
        (b"hello", "no-such-charset", "utf-8"),
        (b"hello", "us-ascii", "us-ascii"),
    ],
)
def test_a_text_has_the_charset_that_it_declares_or_shows(content: bytes, declared: str | None, charset: str) -> None:
    assert charset_of(content, declared, is_whole=True) == charset


def test_the_head_of_a_text_may_end_within_a_character() -> None:
    assert charset_of("é".encode()[:1], None, is_whole=False) == "utf-8"


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("text/plain; charset=koi8-r", "koi8-r"),
        ('Text/Plain; a=b; Charset="UTF-16"', "UTF-16"),
        ("text/plain", None),
        ("text/plain; charset=", None),
        ("text/plain; charset=a\r\nb", None),
        ("text/plain; charset=" + "x" * 100, None),
        (None, None),
    ],
)
def test_a_declared_charset_is_a_short_token(content_type: str | None, charset: str | None) -> None:
    assert declared_charset(content_type) == charset
