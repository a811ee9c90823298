"""A form is read from pieces of any size, and what is none is refused."""

from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Invalid
from foundation.streamed_form import StreamedForm, boundary_of

pytestmark = pytest.mark.unit

Read = list[tuple[str, str | None, str, bytes]]


async def _pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def read(body: bytes, size: int = 1000, boundary: bytes = b"x") -> Read:
    form = StreamedForm(_pieces(body, size), boundary)
    parts: Read = []
    async for part in form.parts():
        content = b"".join([piece async for piece in part.pieces])
        parts.append((part.name, part.filename, part.content_type, content))
    return parts


CONTENTS = [b"", b"hello", b"\r\n", b"\r\n--", b"\r\n--x", b"--x--", bytes(range(256)) * 20, b"\r\n--bound" * 99]


@pytest.mark.parametrize("size", [1, 2, 7, 64, 100_000])
async def test_a_form_of_a_client_is_read(size: int) -> None:
    files = [("file", (f"a{n}.bin", content, "application/x-a; charset=b")) for n, content in enumerate(CONTENTS)]
    request = httpx.Request("POST", "http://x/", data={"groupId": "é", "other": ""}, files=files)
    boundary = boundary_of(request.headers["content-type"])
    expected: Read = [("groupId", None, "", "é".encode()), ("other", None, "", b"")]
    expected += [("file", f"a{n}.bin", "application/x-a; charset=b", content) for n, content in enumerate(CONTENTS)]
    assert await read(request.read(), size, boundary) == expected


@given(st.binary(max_size=300), st.integers(1, 50))
async def test_any_content_comes_through(content: bytes, size: int) -> None:
    body = b'--bo\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + content + b"\r\n--bo--"
    if b"\r\n--bo" not in content:
        assert await read(body, size, b"bo") == [("a", None, "", content)]


@given(st.binary(max_size=200), st.integers(1, 50))
async def test_no_bytes_make_it_raise_anything_else(body: bytes, size: int) -> None:
    for start in (b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"):
        try:
            await read(start + body, size)
        except Invalid:
            continue


@pytest.mark.parametrize("size", [1, 5, 1000])
async def test_what_stands_around_the_parts_is_passed_over(size: int) -> None:
    body = (
        b"before\r\n--x \t\r\n\r\nno head\r\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\nafter"
    )
    assert await read(body, size) == [("", None, "", b"no head"), ("a", None, "", b"1")]


async def test_a_part_that_nobody_reads_is_passed_over() -> None:
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\nvalue\r\n' for n in range(3))
    form = StreamedForm(_pieces(f"{parts}--x--".encode(), 3), b"x")
    assert [part.name async for part in form.parts()] == ["0", "1", "2"]


HEAD = b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
BROKEN = {
    "nothing": b"",
    "no boundary": b"hello",
    "ends after a boundary": b"--x",
    "ends in a head": HEAD,
    "ends in a part": HEAD + b"\r\nhello",
    "ends in a boundary": HEAD + b"\r\nhello\r\n--",
    "something after a boundary": b"--x hello\r\n\r\n\r\n--x--",
    "a head without end": b"--x\r\nA: " + b"a" * 100_000 + b"\r\n\r\n\r\n--x--",
    "a boundary without end": b"--x" + b" " * 100_000,
    "an encoded part": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\naGk=\r\n--x--",
    "many parts": (HEAD + b"\r\n\r\n") * 300 + b"--x--",
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("size", [1000, 100_000])
async def test_a_broken_form_is_refused(name: str, size: int) -> None:
    with pytest.raises(Invalid):
        await read(BROKEN[name], size)


async def test_a_long_field_is_refused() -> None:
    form = StreamedForm(_pieces(HEAD + b"\r\n" + b"a" * 100_000 + b"\r\n--x--", 1000), b"x")
    part = await anext(form.parts())
    with pytest.raises(Invalid):
        await part.text()


TYPES = ("", "text/plain; boundary=x", *(f"multipart/form-data; boundary={word}" for word in ("", "é", "x" * 500)))


@pytest.mark.parametrize("content_type", ["multipart/form-data", *TYPES])
def test_a_form_needs_a_boundary(content_type: str) -> None:
    with pytest.raises(Invalid):
        boundary_of(content_type)


def test_a_boundary_may_be_quoted() -> None:
    assert boundary_of('multipart/form-data; boundary="a b:c"') == b"a b:c"
