"""Thumbnails in MongoDB: one document each, beside the files' own collections, deleted with their file."""

from collections.abc import Iterable

from bson.binary import Binary

from . import storage
from .images.processes import SmallPicture
from .storage import Document

CONTENT_TYPE = "image/webp"


async def store_thumbnails(file_id: str, pictures: Iterable[SmallPicture]) -> None:
    """Store the thumbnails of an image; those of an earlier attempt are replaced."""
    for picture in pictures:
        document: Document = {"fileId": file_id, "data": Binary(picture.content)}
        await storage.call(
            storage.thumbnails().replace_one({"_id": _key(file_id, picture.side)}, document, upsert=True)
        )


async def read_thumbnail(file_id: str, side: int) -> bytes | None:
    """Return a thumbnail's content, or None; checks no permission."""
    document = await storage.call(storage.thumbnails().find_one({"_id": _key(file_id, side)}))
    return bytes(document["data"]) if document else None


def _key(file_id: str, side: int) -> str:
    return f"{file_id}/{side}"
