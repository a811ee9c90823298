"""A form of an upload: its files are handed on while they come, once the fields say what they are for."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack
from typing import IO, Any

from foundation.streamed_form import Part, StreamedForm

from .services import IncomingFile

_TARGET, _FILE = "groupId", "file"
_PIECE_BYTES = 1024 * 1024
# Files before the field that says for which group they are wait on the disk; more than these are not even kept.
_MAX_WAITING = 100


class IncomingForm:
    """Call `fields`, then `files`; use it as a context, which deletes what has waited on the disk."""

    def __init__(self, form: StreamedForm) -> None:
        self._parts = form.parts()
        self._waiting: list[tuple[Part, IO[bytes]]] = []
        self._first: Part | None = None
        self._temporary = ExitStack()

    async def __aenter__(self) -> "IncomingForm":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._temporary.close()

    async def fields(self) -> dict[str, Any]:
        """Return the field that says for which group the files are, if there is one."""
        fields: dict[str, Any] = {}
        async for part in self._parts:
            if part.name == _TARGET and part.filename is None:
                fields[_TARGET] = await part.text()
            elif _is_file(part):
                if fields:
                    self._first = part
                    break
                if len(self._waiting) < _MAX_WAITING:
                    self._waiting.append((part, await self._keep(part)))
        return fields

    async def files(self) -> AsyncGenerator[IncomingFile, None]:
        for waiting, content in self._waiting:
            yield _incoming(waiting, _read(content))
        if self._first is not None:
            yield _incoming(self._first, self._first.pieces)
        async for part in self._parts:
            if _is_file(part):
                yield _incoming(part, part.pieces)

    async def _keep(self, part: Part) -> IO[bytes]:
        file = self._temporary.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (that is what it does)
        async for piece in part.pieces:
            await asyncio.to_thread(file.write, piece)
        return file


def _is_file(part: Part) -> bool:
    # A browser sends a file input that was left empty as a file without a name.
    return part.name == _FILE and bool(part.filename)


def _incoming(part: Part, chunks: AsyncIterator[bytes]) -> IncomingFile:
    return IncomingFile(name=part.filename or "", content_type=part.content_type, chunks=chunks)


async def _read(file: IO[bytes]) -> AsyncIterator[bytes]:
    await asyncio.to_thread(file.seek, 0)
    while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
        yield piece
