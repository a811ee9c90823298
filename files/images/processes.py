"""The processes that decode images: started when one comes, bounded in number, time and memory, ended when idle."""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from foundation.errors import Unavailable
from foundation.per_loop import PerLoop

logger = logging.getLogger(__name__)

# A thumbnail for a list, one for a conversation, and one for a whole screen of a phone.
SIDES = (160, 480, 1280)
_IDLE_SECONDS = 30.0
_PIECE_BYTES = 1024 * 1024


class ImageFailed(Exception):
    """The process has died, or took too long."""


@dataclass(frozen=True, slots=True)
class SmallPicture:
    """A thumbnail, its content a WebP."""

    side: int
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Squares:
    """A square of a picture, in several sizes: `square` is (left, top, side) in pixels of the upright picture.

    As far as it does not lie in the picture it is moved and made smaller; () is the largest one in the middle.
    """

    sides: tuple[int, ...]
    square: tuple[int, ...] = ()


class Processed:
    """What a process says of an image; `clean` yields the content to keep instead, if `clean_bytes` is not None."""

    def __init__(self, head: dict[str, Any], thumbnails: list[SmallPicture], output: asyncio.StreamReader) -> None:
        self.width, self.height = int(head["width"]), int(head["height"])
        self.thumbnails = thumbnails
        self.clean_bytes: int | None = head["clean"]
        self._output, self._left = output, self.clean_bytes or 0

    @property
    def is_read(self) -> bool:
        return not self._left

    async def clean(self) -> AsyncIterator[bytes]:
        while self._left:
            piece = await self._output.readexactly(min(self._left, _PIECE_BYTES))
            self._left -= len(piece)
            yield piece


class ImageProcesses:
    """`IMAGE_PROCESSES` processes at most; whoever waits longer than IMAGE_TIMEOUT for one gets `Unavailable`."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(settings.IMAGE_PROCESSES)
        self._idle: list[Process] = []
        self._ending: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def process(
        self, pieces: AsyncIterable[bytes], *, size: int, decode: bool = True, squares: Squares | None = None
    ) -> AsyncIterator[Processed]:
        """Have an image of `size` bytes looked at; raises `ImageFailed`, `Unavailable`, or what `pieces` raises.

        With `squares`, its thumbnails are these, and there is no content to keep.
        Until the block ends the process is the caller's, who reads `clean` in it.
        """
        try:
            async with asyncio.timeout(settings.IMAGE_TIMEOUT):
                await self._free.acquire()
        except TimeoutError as error:
            raise Unavailable("Too many images are being prepared: try again in a moment.") from error
        try:
            process = self._take_idle() or await _start()
            try:
                async with asyncio.timeout(settings.IMAGE_TIMEOUT):
                    processed = await _ask(process, pieces, _request(size, squares, decode=decode))
                    yield processed
            except BaseException as error:
                await _end(process)
                if isinstance(error, TimeoutError | OSError | asyncio.IncompleteReadError | ValueError):
                    raise ImageFailed from error
                raise
            if processed.is_read:
                self._idle.append(process)
                self._end_when_idle()
            else:
                await _end(process)
        finally:
            self._free.release()

    async def close(self) -> None:
        if self._ending:
            self._ending.cancel()
        while self._idle:
            await _end(self._idle.pop())

    def _take_idle(self) -> Process | None:
        while self._idle:
            if (process := self._idle.pop()).returncode is None:
                return process
        return None

    def _end_when_idle(self) -> None:
        if self._ending:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._end_idle)

    def _end_idle(self) -> None:
        for process in self._idle:
            if process.stdin:
                process.stdin.close()
        self._idle.clear()


image_processes = PerLoop(ImageProcesses)


async def _start() -> Process:
    # Nothing of this process's environment: it has the secrets.
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "files.images.worker", str(settings.IMAGE_MEMORY_BYTES)),
        cwd=settings.BASE_DIR,
        env={},
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=_PIECE_BYTES,
    )


def _request(size: int, squares: Squares | None, *, decode: bool) -> dict[str, Any]:
    request = {
        "size": size,
        "sides": SIDES,
        "max_pixels": settings.MAX_IMAGE_PIXELS,
        "keep": settings.KEEP_IMAGE_METADATA,
        "decode": decode,
    }
    return request if squares is None else {**request, "sides": squares.sides, "square": squares.square, "keep": True}


async def _ask(process: Process, pieces: AsyncIterable[bytes], request: dict[str, Any]) -> Processed:
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(request).encode() + b"\n")
    async for piece in pieces:
        process.stdin.write(piece)
        await process.stdin.drain()
    head: dict[str, Any] = json.loads(await process.stdout.readuntil())
    thumbnails = [
        SmallPicture(side, width, height, await process.stdout.readexactly(length))
        for side, width, height, length in head["thumbnails"]
    ]
    return Processed(head, thumbnails, process.stdout)


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    # It also reads what is left: with a full pipe, asyncio would wait for the end for ever.
    await process.communicate()


async def close_image_processes() -> None:
    if processes := image_processes.pop():
        await processes.close()
