"""The headers of a download: harmless types are shown, others are saved, and every use is revalidated."""

import os

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.download import file_response
from files.file_reference import FileReference
from files.kinds import POLICIES
from files.models import CHUNK_BYTES
from files.sanitize import clean_filename
from files.selectors import read_content
from tests.cast import Person

from .conftest import Browser, store


def reference(name: str = "a.txt", content_type: str = "text/plain", size: int = 5) -> FileReference:
    return FileReference("file_1", name, content_type, size, "group_1", "user_1", "2026-01-01T00:00:00.000Z", "ab" * 32)


EDGE = CHUNK_BYTES - 1
Big = tuple[httpx.AsyncClient, FileReference, bytes]


@pytest.fixture
async def big(alice: Person, group_id: str, browser: Browser) -> Big:
    """A client of alice, her file of three chunks, and its content."""
    content = os.urandom(2 * CHUNK_BYTES + 11)
    return await browser(alice), await store(alice, group_id, content), content


@pytest.mark.parametrize(
    ("asked", "content_range", "part"),
    [
        (None, None, slice(None)),
        ("bytes=0-0", "bytes 0-0/{size}", slice(0, 1)),
        ("bytes=5-", "bytes 5-{last}/{size}", slice(5, None)),
        ("bytes=-7", "bytes {tail}-{last}/{size}", slice(-7, None)),
        (f"bytes={EDGE}-{EDGE + 1}", f"bytes {EDGE}-{EDGE + 1}/{{size}}", slice(EDGE, EDGE + 2)),
        ("bytes=0-99999999", "bytes 0-{last}/{size}", slice(None)),
        ("bytes=0-1,4-5", None, slice(None)),
        ("nonsense", None, slice(None)),
    ],
)
async def test_a_range_gets_just_those_bytes(
    big: Big, asked: str | None, content_range: str | None, part: slice
) -> None:
    client, file, content = big
    response = await client.get(file.url, headers={"Range": asked} if asked else {})
    assert (response.status_code, response.content) == (206 if content_range else 200, content[part])
    assert response.headers["content-length"] == str(len(response.content))
    expected = content_range and content_range.format(size=file.size, last=file.size - 1, tail=file.size - 7)
    assert response.headers.get("content-range") == expected


async def test_a_range_outside_the_file_gets_416_with_its_size(alice: Person, group_id: str, browser: Browser) -> None:
    file = await store(alice, group_id, b"hello")
    response = await (await browser(alice)).get(file.url, headers={"Range": "bytes=5-"})
    assert (response.status_code, response.headers["content-range"]) == (416, "bytes */5")
    assert response.json()["error"]["code"] == "range_not_satisfiable"


async def test_a_browser_that_has_the_file_gets_304(alice: Person, group_id: str, browser: Browser) -> None:
    file = await store(alice, group_id, b"hello")
    client = await browser(alice)
    first = await client.get(file.url)
    assert first.headers["etag"] == f'"{file.sha256}"'
    assert first.headers["cache-control"] == "private, no-cache"
    for tag in (first.headers["etag"], f"W/{first.headers['etag']}", f'"other", {first.headers["etag"]}', "*"):
        again = await client.get(file.url, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert (await client.get(file.url, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_download_is_resumed_only_with_the_same_etag(alice: Person, group_id: str, browser: Browser) -> None:
    file = await store(alice, group_id, b"hello")
    client = await browser(alice)
    for tag, content in (
        (f'"{file.sha256}"', b"lo"),
        ('"other"', b"hello"),
        ("Wed, 01 Jan 2025 00:00:00 GMT", b"hello"),
    ):
        response = await client.get(file.url, headers={"Range": "bytes=3-", "If-Range": tag})
        assert response.content == content


async def test_head_gets_the_same_headers_without_the_content(alice: Person, group_id: str, browser: Browser) -> None:
    file = await store(alice, group_id, b"hello")
    client = await browser(alice)
    get, head = await client.get(file.url), await client.head(file.url)
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("accept", ["image/avif,image/webp", "application/xml", "nonsense"])
async def test_the_accept_header_is_ignored(alice: Person, group_id: str, browser: Browser, accept: str) -> None:
    file = await store(alice, group_id, b"hello")
    client = await browser(alice)
    assert (await client.get(file.url, headers={"Accept": accept})).content == b"hello"
    assert (await client.get("/api/files/none", headers={"Accept": accept})).json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
        "text/xml",
        "text/javascript",
        "application/javascript",
        "application/x-ecmascript",
        "text/css",
        "application/octet-stream",
        "application/wasm",
        "application/x-shockwave-flash",
        "message/rfc822",
        "image/x-unheard-of",
    ],
)
def test_a_type_that_may_carry_scripts_is_never_shown_or_named(content_type: str) -> None:
    response = file_response(reference(content_type=content_type), {}, read_content, head=True)
    assert response.headers["Content-Type"] in ("text/plain; charset=utf-8", "application/octet-stream")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize("content_type", sorted(POLICIES))
def test_a_harmless_type_is_shown_without_sniffing(content_type: str) -> None:
    response = file_response(reference(content_type=content_type), {}, read_content, head=True)
    assert response.headers["Content-Disposition"].startswith("inline;")
    assert response.headers["Content-Type"].startswith(content_type)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("a b.txt", 'inline; filename="a b.txt"'),
        ('a".txt', r'inline; filename="a\".txt"'),
        ("naïve.txt", "inline; filename*=utf-8''na%C3%AFve.txt"),
        ("写真.txt", "inline; filename*=utf-8''%E5%86%99%E7%9C%9F.txt"),
    ],
)
def test_a_name_is_encoded_by_rfc_6266(name: str, disposition: str) -> None:
    response = file_response(reference(name), {}, read_content, head=True)
    assert response.headers["Content-Disposition"] == disposition


@given(st.text(alphabet=st.characters(), max_size=300))
def test_no_name_breaks_out_of_its_header(raw: str) -> None:
    response = file_response(reference(clean_filename(raw), "text/html"), {}, read_content, head=True)
    disposition = response.headers["Content-Disposition"]
    assert disposition.isascii()
    assert disposition.isprintable()
    assert disposition.startswith(('attachment; filename="', "attachment; filename*=utf-8''"))
    quoted = disposition.removeprefix('attachment; filename="')
    if quoted != disposition:
        assert quoted.endswith('"')
        assert '"' not in quoted[:-1].replace(r"\\", "").replace(r"\"", "")
    else:
        assert ";" not in disposition.removeprefix("attachment;")
