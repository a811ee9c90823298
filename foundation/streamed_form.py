"""`multipart/form-data` (RFC 7578) that is read while it comes: a file goes on to where it belongs, piece by piece."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from dataclasses import dataclass

from django.utils.http import parse_header_parameters

from .errors import Invalid
from .slices import Slices
from .uploaded_files import given_name

# Of a part's head: a name of 255 characters takes four bytes for each, or twelve if it is escaped.
_MAX_HEAD = 16 * 1024
_MAX_BOUNDARY = 200
_MAX_FIELD = 16 * 1024
_MAX_PARTS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a form, or with a `filename` a file; both names, and the type, are untrusted.

    `pieces` must be read before the next part is.
    """

    name: str
    filename: str | None
    content_type: str
    pieces: AsyncGenerator[bytes, None]

    async def text(self) -> str:
        """Return the value of a field; raises `Invalid` for a long one."""
        value = b""
        async for piece in self.pieces:
            value += piece
            if len(value) > _MAX_FIELD:
                raise Invalid("A field of the form is too long.")
        return value.decode(errors="replace")


def boundary_of(content_type: str) -> bytes:
    """Return what is between the parts of a form; raises `Invalid` if its content type does not say it."""
    essence, parameters = parse_header_parameters(content_type)
    boundary = parameters.get("boundary", "")
    if essence != "multipart/form-data" or not 0 < len(boundary) <= _MAX_BOUNDARY or not boundary.isascii():
        raise Invalid("The form has no boundary.")
    return boundary.encode()


class StreamedForm:
    """Reads a form from pieces of any size; it keeps no more of it than one of them."""

    def __init__(self, pieces: AsyncIterable[bytes], boundary: bytes) -> None:
        self._pieces = aiter(pieces)
        self._delimiter = b"\r\n--" + boundary
        # The first boundary needs no line break before it.
        self._buffer = bytearray(b"\r\n")

    async def parts(self) -> AsyncIterator[Part]:
        """Yield the parts in order; raises `Invalid` for what is no form, or ends before its end."""
        await _skip(self._until_delimiter())
        count, slices = 0, Slices()
        while await self._goes_on():
            count += 1
            if count > _MAX_PARTS:
                raise Invalid("The form has too many fields.")
            part = await self._part()
            yield part
            await _skip(part.pieces)
            await slices.pause()

    async def _goes_on(self) -> bool:
        """Return whether a part follows the boundary that was just read."""
        while (end := self._buffer.find(b"\r\n")) < 0 and not self._buffer.startswith(b"--"):
            if len(self._buffer) > _MAX_HEAD or not await self._read_more():
                raise _ends_early()
        if self._buffer.startswith(b"--"):
            return False
        if self._buffer[:end].strip(b" \t"):
            raise Invalid("The form is malformed after a boundary.")
        # The line break stays: a part may have no head at all.
        del self._buffer[:end]
        return True

    async def _part(self) -> Part:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _MAX_HEAD:
                raise Invalid("The head of a part is too long.")
            if not await self._read_more():
                raise _ends_early()
        if end > _MAX_HEAD:
            raise Invalid("The head of a part is too long.")
        head = bytes(self._buffer[:end]).decode(errors="replace")
        del self._buffer[: end + 4]
        return _part(head, self._until_delimiter())

    async def _until_delimiter(self) -> AsyncGenerator[bytes, None]:
        """Yield what comes before the next boundary, and drop that."""
        while (end := self._buffer.find(self._delimiter)) < 0:
            if ready := self._certain(self._buffer):
                yield self._cut(ready)
            piece = await anext(self._pieces, None)
            if piece is None:
                raise _ends_early()
            if self._buffer or self._delimiter in piece or self._certain(piece) < len(piece):
                self._buffer += piece
            else:
                # Most of a file is handed on as it came, and not copied.
                yield piece
        if end:
            yield self._cut(end)
        del self._buffer[: len(self._delimiter)]

    def _certain(self, data: bytes | bytearray) -> int:
        """Return how many bytes of this, in which there is no boundary, do not begin one either."""
        possible = data.find(b"\r", max(0, len(data) - len(self._delimiter) + 1))
        return len(data) if possible < 0 else possible

    def _cut(self, count: int) -> bytes:
        piece = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        return piece

    async def _read_more(self) -> bool:
        piece = await anext(self._pieces, None)
        if piece is None:
            return False
        self._buffer += piece
        return True


def _part(head: str, pieces: AsyncGenerator[bytes, None]) -> Part:
    headers = {}
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    try:
        _, disposition = parse_header_parameters(headers.get("content-disposition", ""))
    # Python's parser may raise anything for a parameter that is encoded by half (RFC 2231).
    except Exception as error:
        raise Invalid("A part's head cannot be read.") from error
    if headers.get("content-transfer-encoding", "binary").lower() not in ("binary", "8bit", "7bit"):
        raise Invalid("A part must not be encoded (RFC 7578, 4.7).")
    filename = disposition.get("filename")
    return Part(
        name=disposition.get("name", ""),
        filename=given_name(filename) if filename else filename,
        content_type=headers.get("content-type", ""),
        pieces=pieces,
    )


async def _skip(pieces: AsyncIterable[bytes]) -> None:
    async for _ in pieces:
        pass


def _ends_early() -> Invalid:
    return Invalid("The form ends before its last boundary.")
