"""An image that others get is upright, without what its camera wrote into it, and has thumbnails in several sizes."""

import asyncio
import io

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from pytest_django import Settings

from files import models, storage
from files.file_reference import FileReference
from files.images import processes
from files.images.processes import SIDES
from files.selectors import get_thumbnail
from files.services import discard_files
from foundation.errors import NotFound
from messaging.services import delete_message, send_message
from tests.cast import Person
from tests.media import picture

from .conftest import Browser, chunk_file_ids, count_files, read, share, store

SECRET = "52.5200 N, 13.4050 E"
ORIENTATION, MAKER = 0x0112, 0x010F
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()


def photo(image_format: str, orientation: int = 1, width: int = 600, height: int = 400) -> bytes:
    """Return an image as a camera writes it: with the place in its EXIF, a colour profile, and lying on its side."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = orientation, SECRET
    options: dict[str, object] = {"exif": exif, "icc_profile": PROFILE}
    if image_format == "PNG":
        texts = PngInfo()
        texts.add_text("Comment", SECRET)
        options["pnginfo"] = texts
    elif image_format == "JPEG":
        options |= {"comment": SECRET.encode(), "xmp": XMP}
    else:
        options["xmp"] = XMP
    return picture(width, height, image_format, **options)


def animation(image_format: str) -> bytes:
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("red", "green", "blue")]
    content = io.BytesIO()
    frames[0].save(content, image_format, save_all=True, append_images=frames[1:], duration=100, loop=0)
    return content.getvalue()


async def content_of(person: Person, file: FileReference) -> bytes:
    return b"".join([piece async for piece in read(person, file.id)])


def open_image(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def _colour(image: Image.Image, x: float, y: float) -> str:
    pixel = image.convert("RGB").getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(pixel, tuple)
    return "red" if pixel[0] > pixel[2] else "blue"


# Where the red quarter is, for each way in which a camera may have been held.
CORNERS = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
async def test_others_get_it_upright_and_without_its_secrets(
    alice: Person, bob: Person, group_id: str, image_format: str, orientation: int
) -> None:
    original = photo(image_format, orientation)
    assert SECRET.encode() in original
    file = await share(alice, group_id, original)
    content = await content_of(bob, file)
    assert SECRET.encode() not in content
    image = open_image(content)
    assert (image.format, dict(image.getexif()), image.info.get("icc_profile")) == (image_format, {}, PROFILE)
    upright = (600, 400) if orientation < 5 else (400, 600)
    assert (image.size, file.width, file.height) == (upright, *upright)
    assert file.size == len(content)
    across, down = CORNERS[orientation]
    for x in (0, 1):
        for y in (0, 1):
            expected = "red" if (x, y) == (across, down) else "blue"
            assert _colour(image, 0.25 + x / 2, 0.25 + y / 2) == expected
    await _check_thumbnails(bob, file, (160, 480))


async def _check_thumbnails(person: Person, file: FileReference, sides: tuple[int, ...]) -> None:
    assert tuple(thumbnail.side for thumbnail in file.thumbnails) == sides
    for thumbnail in file.thumbnails:
        reference, content = await get_thumbnail(actor=person.actor, file_id=file.id, side=thumbnail.side)
        small = open_image(content)
        assert (reference.type, small.format, reference.size) == ("image/webp", "WEBP", len(content))
        assert small.size == (thumbnail.width, thumbnail.height)
        assert max(small.size) == thumbnail.side
        assert abs(small.width / small.height - (file.width or 0) / (file.height or 1)) < 0.02
        assert SECRET.encode() not in content
        assert not dict(small.getexif())


async def test_what_needs_no_turning_keeps_every_pixel(alice: Person, group_id: str) -> None:
    for image_format in ("JPEG", "PNG", "WEBP"):
        original = photo(image_format)
        content = await content_of(alice, await store(alice, group_id, original))
        assert len(content) < len(original)
        assert open_image(content).tobytes() == open_image(original).tobytes()
    plain = picture(600, 400, "JPEG")
    assert await content_of(alice, await store(alice, group_id, plain)) == plain


async def test_what_follows_the_end_of_an_image_goes(alice: Person, group_id: str) -> None:
    """A phone's moving picture: the film behind the still one has the place, too."""
    for image_format in ("JPEG", "PNG", "WEBP", "GIF"):
        content = picture(600, 400, image_format)
        stored = await content_of(
            alice, await store(alice, group_id, content + b"\x00\x00\x00\x20ftypmp42" + b"secret" * 9)
        )
        assert stored == content


@pytest.mark.parametrize("image_format", ["GIF", "WEBP", "PNG"])
async def test_an_animation_stays_one_and_has_a_still_thumbnail(
    alice: Person, group_id: str, image_format: str
) -> None:
    file = await store(alice, group_id, animation(image_format))
    image = open_image(await content_of(alice, file))
    assert getattr(image, "n_frames", 1) == 3
    ((side, _, _),) = [(each.side, each.width, each.height) for each in file.thumbnails]
    _, content = await get_thumbnail(actor=alice.actor, file_id=file.id, side=side)
    assert getattr(open_image(content), "n_frames", 1) == 1
    assert _colour(open_image(content), 0.5, 0.5) == "red"


async def test_a_setting_keeps_originals(alice: Person, group_id: str, settings: Settings) -> None:
    settings.KEEP_IMAGE_METADATA = True
    original = photo("JPEG", 6)
    file = await store(alice, group_id, original)
    assert await content_of(alice, file) == original
    assert (file.width, file.height) == (400, 600)
    await _check_thumbnails(alice, file, (160, 480))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK", "YCbCr"])
async def test_every_mode_has_thumbnails(alice: Person, group_id: str, mode: str) -> None:
    image_format = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    image = Image.new("L", (600, 400)).convert(mode) if mode != "I;16" else Image.new(mode, (600, 400))
    content = io.BytesIO()
    image.save(content, image_format)
    file = await store(alice, group_id, content.getvalue())
    assert [thumbnail.side for thumbnail in file.thumbnails] == [160, 480]


async def test_thumbnails_go_with_their_file(alice: Person, group_id: str) -> None:
    file = await store(alice, group_id, photo("JPEG", 6))
    message = await send_message(actor=alice.actor, group_id=group_id, content="", attachments=[file.id])
    assert message["message"]["attachments"][0] == file.as_wire()
    assert await storage.thumbnails().count_documents({"fileId": file.id}) == 2
    await delete_message(actor=alice.actor, message_id=message["message"]["id"])
    assert await storage.thumbnails().count_documents({"fileId": file.id}) == 0
    assert not [each for each in await chunk_file_ids() if each.startswith(file.id)]


async def test_a_thumbnail_is_served_as_its_file_is(
    alice: Person, bob: Person, charlie: Person, group_id: str, browser: Browser
) -> None:
    file = await store(alice, group_id, photo("PNG"))
    url = file.as_wire()["metadata"]["thumbnails"][0]["url"]
    hers, his, outsider = await browser(alice), await browser(bob), await browser(charlie)
    assert (await his.get(url)).status_code == 404
    await send_message(actor=alice.actor, group_id=group_id, content="", attachments=[file.id])
    for client in (hers, his):
        response = await client.get(url)
        assert (response.status_code, response.headers["content-type"]) == (200, "image/webp")
        assert response.headers["cache-control"] == "private, no-cache"
        assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        again = await client.get(url, headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert (await outsider.get(url)).content == (await outsider.get("/api/files/none/thumbnails/160")).content
    assert (await outsider.get(url)).status_code == 404
    for side in ("0", "161", "9" * 30):
        assert (await hers.get(f"{file.url}/thumbnails/{side}")).status_code == 404


async def test_a_cancelled_upload_of_an_image_leaves_nothing(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await chunk_file_ids()
    await processes.close_image_processes()
    begun, start = asyncio.Event(), processes._start

    async def noting() -> asyncio.subprocess.Process:
        begun.set()
        return await start()

    monkeypatch.setattr(processes, "_start", noting)
    storing = asyncio.create_task(store(alice, group_id, photo("JPEG", 6)))
    await begun.wait()
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await storing
    assert await count_files(group_id) == 0
    assert await chunk_file_ids() <= before


async def test_a_replacement_that_was_broken_off_goes_on(alice: Person, group_id: str) -> None:
    """As after a kill between two of its steps."""
    file = await store(alice, group_id, b"old" * 200_000)
    replacement = models.new_replacement_id(file.id)
    await models.insert_chunks(replacement, 0, [b"new" * 85 * 1024, b"end"])
    await storage.chunks().delete_many({"files_id": file.id})
    await storage.chunks().update_one(
        {"files_id": replacement, "n": 1}, {"$set": {"files_id": file.id, "replaces": True}}
    )
    for _ in range(2):
        await models.put_in_place(file.id, replacement)
    assert b"".join(await models.read_chunks(file.id, 0, 9)) == b"new" * 85 * 1024 + b"end"
    await discard_files(file_ids=[file.id])
    with pytest.raises(NotFound):
        await get_thumbnail(actor=alice.actor, file_id=file.id, side=SIDES[0])
