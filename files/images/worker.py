"""The program that decodes images, in a process of its own: what is hostile in one can break no more than that.

It knows nothing of the server: no settings, no secrets, no engines. Each image comes on its standard input as a line of
JSON and that many bytes; the answer goes to its standard output as a line of JSON and the bytes that it announces.
"""

import json
import resource
import sys
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import AvifImagePlugin, GifImagePlugin, Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from files.images.strip import Malformed, without_metadata

# Imported, so that nothing is loaded once an image is here.
FORMATS = [
    plugin.format
    for plugin in (
        AvifImagePlugin.AvifImageFile,
        GifImagePlugin.GifImageFile,
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
    )
]
_ORIENTATION, _UPRIGHT, _LYING = 0x0112, 1, (5, 6, 7, 8)
_THUMBNAIL_QUALITY, _AVIF_QUALITY, _WEBP_QUALITY = 80, 90, 95


@dataclass
class Answer:
    """What the parent is told: `width` and `height` upright, the smaller pictures, and the content to keep instead."""

    width: int = 0
    height: int = 0
    thumbnails: list[tuple[int, int, int, bytes]] = field(default_factory=list)  # side, width, height, content
    clean: bytes | None = None


def answer(
    content: bytes,
    *,
    sides: list[int],
    max_pixels: int,
    keep: bool,
    decode: bool,
    square: list[int] | None = None,
) -> Answer:
    """Return the answer for an image: with `keep` its content stays; without `decode`, no picture is looked at.

    With a `square`, [left, top, side] in pixels or [] for the largest one in the middle, the smaller pictures are that
    square in each of the sizes.
    """
    result = Answer()
    image = _open(content)
    if image is None:
        return result
    orientation = _orientation(image)
    result.width, result.height = image.size if orientation not in _LYING else (image.height, image.width)
    upright = None
    if decode and image.width * image.height <= max_pixels:
        try:
            if square is None:
                upright = _make_thumbnails(image, orientation, sides, result)
            else:
                _make_squares(image, orientation, sides, square, result)
        # Pillow raises whatever its decoders do: a broken image has no thumbnails.
        except Exception:
            result.thumbnails, upright = [], None
    if not keep:
        result.clean = _cleaned(content, image, orientation, upright)
    return result


def _open(content: bytes) -> Image.Image | None:
    try:
        return Image.open(BytesIO(content), formats=[name for name in FORMATS if name])
    except Exception:  # as above
        return None


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, _UPRIGHT))
    except Exception:  # as above
        return _UPRIGHT


def _make_thumbnails(image: Image.Image, orientation: int, sides: list[int], result: Answer) -> Image.Image | None:
    """Add the thumbnails to the result, and return the whole picture upright if it is turned."""
    is_turned = orientation != _UPRIGHT and not getattr(image, "is_animated", False)
    wanted = [side for side in sides if side < max(image.size)]
    if wanted and not is_turned:
        # A JPEG is decoded at a half or less of its size, if that is enough.
        image.draft("RGB", (max(wanted), max(wanted)))
    image.load()
    upright = ImageOps.exif_transpose(image) if orientation != _UPRIGHT else image
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    picture = _presentable(upright)
    for side in sorted(wanted, reverse=True):
        picture.thumbnail((side, side), reducing_gap=2.0)
        result.thumbnails.insert(0, (side, picture.width, picture.height, _small(picture, profile)))
    return upright if is_turned else None


def _make_squares(image: Image.Image, orientation: int, sides: list[int], square: list[int], result: Answer) -> None:
    image.load()
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    picture = _presentable(ImageOps.exif_transpose(image) if orientation != _UPRIGHT else image)
    box = _box(square, picture.width, picture.height)
    for side in sorted(sides):
        small = picture.resize((side, side), Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
        result.thumbnails.append((side, side, side, _small(small, profile)))


def _box(square: list[int], width: int, height: int) -> tuple[int, int, int, int]:
    """Return the square as (left, top, right, bottom), moved and made smaller until it lies in the picture."""
    largest = min(width, height)
    left, top, side = square or ((width - largest) // 2, (height - largest) // 2, largest)
    side = max(1, min(side, largest))
    left, top = (max(0, min(start, length - side)) for start, length in ((left, width), (top, height)))
    return left, top, left + side, top + side


def _small(picture: Image.Image, profile: bytes | None) -> bytes:
    content = BytesIO()
    picture.save(content, "WEBP", quality=_THUMBNAIL_QUALITY, icc_profile=profile or b"", exif=b"", xmp=b"")
    return content.getvalue()


def _presentable(image: Image.Image) -> Image.Image:
    """Return a copy, or an image that nobody needs any more, in a mode that WebP has."""
    has_alpha = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB") if image.mode not in ("RGB", "RGBA") else image.copy()


def _cleaned(content: bytes, image: Image.Image, orientation: int, upright: Image.Image | None) -> bytes | None:
    """Return the content without metadata, None if it has none; what cannot be read by its format is encoded anew."""
    image_format = image.format or ""
    try:
        if upright is not None:
            return _encoded(upright, image)
        if image_format == "AVIF":
            has_metadata = image.info.get("exif") or image.info.get("xmp")
            return _encoded(ImageOps.exif_transpose(image), image) if has_metadata else None
        clean = without_metadata(content, image_format)
        if orientation != _UPRIGHT and image_format == "JPEG":
            # Too large to be turned here: whoever shows it turns it.
            clean = _with_orientation(clean, orientation)
        return clean if clean != content else None
    except Malformed:
        try:
            return _encoded(ImageOps.exif_transpose(image), image)
        except Exception:  # as above: what nobody can decode shows nobody anything
            return None


def _with_orientation(jpeg: bytes, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    block = b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")
    return jpeg[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + jpeg[2:]


def _encoded(picture: Image.Image, original: Image.Image) -> bytes:
    """Return the picture in the format, and about in the quality, of the original, with its colour profile alone."""
    options: dict[str, Any] = {"icc_profile": original.info.get("icc_profile"), "exif": b"", "xmp": b""}
    match original.format:
        case "JPEG":
            sampling = JpegImagePlugin.get_sampling(original)
            options |= {"qtables": getattr(original, "quantization", None), "subsampling": 2 if sampling == 2 else 0}
            options |= {"comment": b"", "progressive": "progressive" in original.info}
        case "PNG":
            del options["xmp"]
        case "WEBP":
            options |= {"quality": _WEBP_QUALITY}
        case "AVIF":
            options |= {"quality": _AVIF_QUALITY, "save_all": True}
        case _:
            options = {}
    picture.info = {}
    content = BytesIO()
    picture.save(content, original.format, **options)
    return content.getvalue()


def _limit(memory_bytes: int) -> None:
    Image.MAX_IMAGE_PIXELS = None  # ours is checked when the size is known
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    for unneeded in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(unneeded, (0, 0))


def main() -> None:
    _limit(int(sys.argv[1]))
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    # The end of the input is that of the parent.
    while line := incoming.readline():
        request = json.loads(line)
        size = request.pop("size")
        result = answer(incoming.read(size), **request)
        thumbnails = [(side, width, height, len(content)) for side, width, height, content in result.thumbnails]
        clean = None if result.clean is None else len(result.clean)
        head = {"width": result.width, "height": result.height, "thumbnails": thumbnails, "clean": clean}
        outgoing.write(json.dumps(head).encode() + b"\n")
        for *_, content in result.thumbnails:
            outgoing.write(content)
        outgoing.write(result.clean or b"")
        outgoing.flush()


if __name__ == "__main__":
    main()
