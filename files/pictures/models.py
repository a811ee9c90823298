"""Pictures in MongoDB: one document each, with all sizes, so that it is there as a whole or not at all.

They are no files of GridFS: all sizes together have some ten kilobytes, and belong to no group.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from bson.binary import Binary

from files import storage
from files.images.processes import SmallPicture
from files.storage import Document

_BATCH = 100
USER, GROUP, WORKSPACE = OWNERS = ("userId", "groupId", "workspace")


class Owner(NamedTuple):
    """Whose picture it is: `kind` is one of OWNERS, the field of a picture's document that has the id."""

    kind: str
    id: str


# There is one workspace.
LOGO = Owner(WORKSPACE, "logo")


async def insert(picture_id: str, owner: Owner, pictures: Iterable[SmallPicture]) -> None:
    """Store a picture; raises `Unavailable`."""
    sizes = {str(picture.side): Binary(picture.content) for picture in pictures}
    document: Document = {"_id": picture_id, owner.kind: owner.id, "createdAt": datetime.now(UTC), "sizes": sizes}
    await storage.call(storage.pictures().insert_one(document))


async def read(picture_id: str, side: int) -> bytes | None:
    """Return a picture in one of its sizes, or None; raises `Unavailable`."""
    document = await storage.call(storage.pictures().find_one({"_id": picture_id}, {f"sizes.{side}": 1}))
    content = document["sizes"].get(str(side)) if document else None
    return bytes(content) if content is not None else None


async def delete(picture_ids: Iterable[str]) -> None:
    """Delete pictures; missing ones are ignored. Raises `Unavailable`."""
    await storage.call(storage.pictures().delete_many({"_id": {"$in": list(picture_ids)}}))


async def delete_all_of(owner: Owner) -> None:
    """Delete all pictures of one owner; raises `Unavailable`."""
    await storage.call(storage.pictures().delete_many({owner.kind: owner.id}))


async def list_stored_before(moment: datetime) -> AsyncIterator[dict[str, Owner]]:
    """Yield, in parts, whose pictures those are that were stored before a time, by picture id."""
    after = ""
    while True:
        query: Document = {"createdAt": {"$lt": moment}, "_id": {"$gt": after}}
        found = storage.pictures().find(query, dict.fromkeys(OWNERS, 1)).sort("_id", 1).limit(_BATCH)
        documents = await storage.call(found.to_list())
        if not documents:
            return
        after = documents[-1]["_id"]
        yield {document["_id"]: _owner_of(document) for document in documents}


def _owner_of(document: Document) -> Owner:
    kind = next(kind for kind in OWNERS if kind in document)
    return Owner(kind, document[kind])
