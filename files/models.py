"""How a file lies in GridFS (https://github.com/mongodb/specifications/blob/master/source/gridfs/gridfs-spec.md).

The documents are GridFS's own, so every GridFS tool reads them. The queries are written here because the driver's
streams buffer 32 MB, and keep a cursor for as long as a client takes: 60 MB up and down made a process grow by 184 and
32 MB, with these by 4 and 2.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count

from bson import ObjectId
from bson.int64 import Int64
from gridfs.errors import NoFile

from . import storage
from .file_reference import FileReference
from .storage import Document

CHUNK_BYTES = 255 * 1024


async def insert_chunks(file_id: str, first: int, pieces: Sequence[bytes]) -> None:
    """Store consecutive chunks, of which all but the file's last must be `CHUNK_BYTES` long."""
    documents: list[Document] = [
        {"files_id": file_id, "n": n, "data": piece} for n, piece in zip(count(first), pieces, strict=False)
    ]
    await storage.call(storage.chunks().insert_many(documents))


async def read_chunks(file_id: str, first: int, limit: int) -> list[bytes]:
    """Return up to `limit` chunks from number `first`; fewer, or none, when they are not there in an unbroken row."""
    query = storage.chunks().find({"files_id": file_id, "n": {"$gte": first}}).sort("n", 1).limit(limit)
    found = await storage.call(query.to_list())
    return [chunk["data"] for n, chunk in zip(count(first), found, strict=False) if chunk["n"] == n]


async def insert_file(reference: FileReference) -> None:
    """Make the file exist: until then its chunks belong to nothing."""
    metadata: Document = {
        "groupId": reference.group_id,
        "uploadedBy": reference.uploaded_by,
        "type": reference.type,
        "sha256": reference.sha256,
    }
    if reference.width and reference.height:
        metadata |= {"width": reference.width, "height": reference.height}
    document: Document = {
        "_id": reference.id,
        "filename": reference.name,
        "length": Int64(reference.size),
        "chunkSize": CHUNK_BYTES,
        "uploadDate": datetime.fromisoformat(reference.uploaded_at),
        "metadata": metadata,
    }
    await storage.call(storage.files().insert_one(document))


async def find_file(file_id: str) -> FileReference | None:
    document = await storage.call(storage.files().find_one({"_id": file_id}))
    return _reference(document) if document else None


async def find_uploads(file_ids: Collection[str], *, group_id: str, user_id: str) -> dict[str, FileReference]:
    """Return those of the files that this user uploaded to this group, by id."""
    query = {"_id": {"$in": list(file_ids)}, "metadata.groupId": group_id, "metadata.uploadedBy": user_id}
    found = await storage.call(storage.files().find(query).to_list())
    return {document["_id"]: _reference(document) for document in found}


async def newest_files(group_id: str, *, limit: int, before: FileReference | None = None) -> list[FileReference]:
    query: Document = {"metadata.groupId": group_id}
    if before is not None:
        date = datetime.fromisoformat(before.uploaded_at)
        query["$or"] = [{"uploadDate": {"$lt": date}}, {"uploadDate": date, "_id": {"$lt": before.id}}]
    ordered = storage.files().find(query).sort([("uploadDate", -1), ("_id", -1)]).limit(limit)
    return [_reference(document) for document in await storage.call(ordered.to_list())]


async def delete_file(file_id: str) -> None:
    """Delete the file and its chunks; it is no error when there is only one of them, or neither."""
    with suppress(NoFile):
        await storage.call(storage.bucket().delete(file_id))


async def orphaned_uploads(older_than: datetime) -> list[str]:
    """Return the ids of chunks without a file of which the last was written before `older_than`."""
    pipeline: list[Document] = [
        {"$sort": {"files_id": 1}},
        {"$group": {"_id": "$files_id"}},
        {"$lookup": {"from": "fs.files", "localField": "_id", "foreignField": "_id", "as": "file"}},
        {"$match": {"file": []}},
    ]
    cursor = await storage.call(storage.chunks().aggregate(pipeline))
    unowned = [document["_id"] for document in await storage.call(cursor.to_list())]
    return [file_id for file_id in unowned if await _last_written(file_id) < older_than]


async def hollow_files(older_than: datetime) -> list[str]:
    """Return the ids of files that were made before `older_than` and whose content is not there."""
    first_chunk = {
        "from": "fs.chunks",
        "localField": "_id",
        "foreignField": "files_id",
        "pipeline": [{"$match": {"n": 0}}, {"$project": {"_id": 1}}],
        "as": "chunks",
    }
    pipeline: list[Document] = [
        {"$match": {"length": {"$gt": 0}, "uploadDate": {"$lt": older_than}}},
        {"$project": {"_id": 1}},
        {"$lookup": first_chunk},
        {"$match": {"chunks": []}},
    ]
    cursor = await storage.call(storage.files().aggregate(pipeline))
    return [document["_id"] for document in await storage.call(cursor.to_list())]


async def _last_written(file_id: str) -> datetime:
    # An upload that is still under way has no file yet either; a chunk's own id says when it was made.
    newest = await storage.call(storage.chunks().find_one({"files_id": file_id}, {"_id": 1}, sort=[("n", -1)]))
    identity = newest["_id"] if newest else None
    return identity.generation_time if isinstance(identity, ObjectId) else datetime.now(UTC)


def _reference(document: Document) -> FileReference:
    metadata = document["metadata"]
    return FileReference(
        id=document["_id"],
        name=document["filename"],
        type=metadata["type"],
        size=int(document["length"]),
        group_id=metadata["groupId"],
        uploaded_by=metadata["uploadedBy"],
        uploaded_at=document["uploadDate"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        sha256=metadata["sha256"],
        width=metadata.get("width"),
        height=metadata.get("height"),
    )
