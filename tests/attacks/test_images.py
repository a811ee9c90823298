"""Images that are bombs, broken, or kill what decodes them: the worst is a plain file, and nobody waits long."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pytest_django import Settings

from files import storage
from files.images import processes
from files.images.processes import close_image_processes, image_processes
from tests.cast import Person
from tests.files.conftest import pieces, store
from tests.files.test_images import png
from tests.files.test_thumbnails import ORIENTATION, SECRET, content_of, open_image, photo
from tests.media import picture


@pytest.fixture(autouse=True)
async def _no_processes() -> AsyncIterator[None]:
    await close_image_processes()
    yield
    await close_image_processes()


async def test_an_image_of_too_many_pixels_has_no_thumbnails_and_no_secrets(
    alice: Person, group_id: str, settings: Settings
) -> None:
    settings.MAX_IMAGE_PIXELS = 100_000
    file = await store(alice, group_id, photo("JPEG", 6))
    content = await content_of(alice, file)
    assert SECRET.encode() not in content
    # It is too large to be turned, so that it says how it is to be shown.
    assert dict(open_image(content).getexif()) == {ORIENTATION: 6}
    assert (file.width, file.height, file.thumbnails) == (400, 600, ())


async def test_a_bomb_is_no_more_than_a_file(alice: Person, group_id: str) -> None:
    bomb = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(bomb, "PNG")
    start = time.monotonic()
    file = await store(alice, group_id, bomb.getvalue())
    assert (file.width, file.height, file.thumbnails) == (40_000, 40_000, ())
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
async def test_a_broken_image_is_stored_as_it_came(alice: Person, group_id: str, image_format: str) -> None:
    whole = picture(600, 400, image_format)
    for content in (whole[: len(whole) // 2], whole[:40], whole[:30] + bytes(len(whole)), png(64, 48)):
        file = await store(alice, group_id, content)
        assert len(await content_of(alice, file)) == file.size


async def test_a_process_that_takes_too_long_or_dies_leaves_a_plain_file(
    alice: Person, group_id: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever it does takes longer.
    settings.IMAGE_TIMEOUT = 0.001
    file = await store(alice, group_id, photo("JPEG"))
    assert (file.type, file.thumbnails, file.width) == ("application/octet-stream", (), None)
    settings.IMAGE_TIMEOUT = 20.0
    start = processes._start

    async def dying() -> asyncio.subprocess.Process:
        process = await start()
        process.kill()
        return process

    with monkeypatch.context() as patched:
        patched.setattr(processes, "_start", dying)
        assert (await store(alice, group_id, photo("JPEG"))).type == "application/octet-stream"
    assert (await store(alice, group_id, photo("JPEG"))).thumbnails


async def test_an_image_that_needs_more_memory_than_there_is_has_no_thumbnails(
    alice: Person, group_id: str, settings: Settings
) -> None:
    settings.IMAGE_MEMORY_BYTES = 256 * 1024**2
    file = await store(alice, group_id, picture(9000, 5000))
    assert (file.type, file.width, file.height, file.thumbnails) == ("image/png", 9000, 5000, ())


def image_workers() -> list[psutil.Process]:
    """Return the processes that decode images; a test run has other children too, such as a browser."""
    return [child for child in psutil.Process().children() if "files.images.worker" in child.cmdline()]


async def test_a_process_has_no_secrets_and_little_memory() -> None:
    async with image_processes().process(pieces(picture()), size=len(picture())) as processed:
        (child,) = image_workers()
        assert Path(child.cwd()).name == Path(storage.__file__).parent.parent.name
        assert set(child.environ()) <= {"LC_CTYPE"}
        assert child.rlimit(psutil.RLIMIT_AS) == (1024**3, 1024**3)
        assert processed.width == 64


async def test_a_process_whose_answer_nobody_reads_is_ended(settings: Settings) -> None:
    """It fills its pipe, and would wait for a reader for ever."""
    large = photo("PNG", 1, 3000, 3000)
    noise = io.BytesIO()
    Image.effect_noise((2500, 2500), 90).save(noise, "PNG", pnginfo=_comment())
    for content in (large, noise.getvalue(), large):
        async with asyncio.timeout(30), image_processes().process(pieces(content), size=len(content)) as processed:
            assert processed.clean_bytes
    assert image_workers() == []


def _comment() -> PngInfo:
    texts = PngInfo()
    texts.add_text("Comment", SECRET)
    return texts


async def test_processes_are_few(settings: Settings) -> None:
    await close_image_processes()
    settings.IMAGE_PROCESSES = 2
    content, most = picture(2000, 2000), 0

    async def one() -> None:
        nonlocal most
        async with image_processes().process(pieces(content), size=len(content)):
            most = max(most, len(image_workers()))

    await asyncio.gather(*(one() for _ in range(8)))
    assert most == 2
