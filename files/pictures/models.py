"""Pictures in MongoDB: one document each, with all sizes, so that it is there as a whole or not at all.

They are no files of GridFS: all sizes together have some ten kilobytes, and belong to no group.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

from bson.binary import Binary

from files import storage
from files.images.processes import SmallPicture
from files.storage import Document

_BATCH = 100


async def insert(picture_id: str, user_id: str, pictures: Iterable[SmallPicture]) -> None:
    """Store a picture; raises `Unavailable`."""
    sizes = {str(picture.side): Binary(picture.content) for picture in pictures}
    document: Document = {"_id": picture_id, "userId": user_id, "createdAt": datetime.now(UTC), "sizes": sizes}
    await storage.call(storage.pictures().insert_one(document))


async def read(picture_id: str, side: int) -> bytes | None:
    """Return a picture in one of its sizes, or None; raises `Unavailable`."""
    document = await storage.call(storage.pictures().find_one({"_id": picture_id}, {f"sizes.{side}": 1}))
    content = document["sizes"].get(str(side)) if document else None
    return bytes(content) if content is not None else None


async def delete(picture_ids: Iterable[str]) -> None:
    """Delete pictures; missing ones are ignored. Raises `Unavailable`."""
    await storage.call(storage.pictures().delete_many({"_id": {"$in": list(picture_ids)}}))


async def list_stored_before(moment: datetime) -> AsyncIterator[dict[str, str]]:
    """Yield, in parts, whose pictures those are that were stored before a time: user ids by picture id."""
    after = ""
    while True:
        query: Document = {"createdAt": {"$lt": moment}, "_id": {"$gt": after}}
        found = storage.pictures().find(query, {"userId": 1}).sort("_id", 1).limit(_BATCH)
        documents = await storage.call(found.to_list())
        if not documents:
            return
        after = documents[-1]["_id"]
        yield {document["_id"]: document["userId"] for document in documents}
