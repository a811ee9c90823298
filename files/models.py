"""Files in GridFS (https://github.com/mongodb/specifications/blob/master/source/gridfs/gridfs-spec.md).

The documents are GridFS's own, so every GridFS tool reads them. The queries are written here because the driver's
streams buffer 32 MB and keep a cursor open for as long as a client takes: 60 MB up and down made a process grow by 184
and 32 MB, with these queries by 4 and 2. Each query raises `Unavailable` while MongoDB is down.
"""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count

from bson import ObjectId
from bson.int64 import Int64
from gridfs.errors import NoFile
from pymongo import WriteConcern
from pymongo.collection import Collection as Chunks
from pymongo.errors import BulkWriteError, DuplicateKeyError

from foundation.errors import Unavailable, VersionConflict
from foundation.ids import new_id

from . import storage
from .file_reference import FileReference, Thumbnail
from .kinds import OTHER, PATTERNS
from .storage import Document

CHUNK_BYTES = 255 * 1024
_NOT_YET_KEPT = WriteConcern(w=1, j=False)
ELSEWHERE = "The same part of this file has arrived by another request: ask how far it is, and go on from there."


async def insert_chunks(file_id: str, first: int, pieces: Sequence[bytes], *, is_kept: bool = True) -> None:
    """Store chunks numbered from `first`; all but the file's last must be `CHUNK_BYTES` long.

    Unless `is_kept`, they may still be lost with the store's process or its primary; they are kept once a later write
    is, if `require_chunks` then finds them. Raises `VersionConflict` if there are such chunks.
    """
    documents: list[Document] = [
        {"files_id": file_id, "n": n, "data": piece} for n, piece in zip(count(first), pieces, strict=False)
    ]

    def insert(chunks: Chunks[Document]) -> None:
        chunks = chunks if is_kept else chunks.with_options(write_concern=_NOT_YET_KEPT)
        chunks.insert_many(documents)

    try:
        await storage.call_in_thread(insert)
    except BulkWriteError as error:
        if storage.is_duplicate(error):
            raise VersionConflict(ELSEWHERE) from error
        raise


async def require_chunks(file_id: str, count: int) -> None:
    """Raise `Unavailable` unless the store keeps so many chunks of a file: a new primary may not have had some."""
    if await storage.call(storage.chunks().count_documents({"files_id": file_id})) != count:
        raise Unavailable


async def extend_chunk(file_id: str, n: int, length: int, data: bytes) -> None:
    """Store more of a file's last chunk, which has `length` bytes; raises `VersionConflict` if it has others by now."""
    has_length = {"$expr": {"$eq": [{"$binarySize": "$data"}, length]}}
    chunk: Document = {"files_id": file_id, "n": n, **has_length}
    update = await storage.call(storage.chunks().update_one(chunk, {"$set": {"data": data}}))
    if not update.matched_count:
        raise VersionConflict(ELSEWHERE)


async def last_chunk(file_id: str) -> tuple[int, bytes] | None:
    """Return the number and the bytes of the last chunk before the first that is missing, None if there is none."""
    chunk = await storage.call(storage.chunks().find_one({"files_id": file_id}, sort=[("n", -1)]))
    if chunk is None:
        return None
    if await storage.call(storage.chunks().count_documents({"files_id": file_id})) <= chunk["n"]:
        numbers = storage.chunks().find({"files_id": file_id}, {"n": 1}).sort("n", 1)
        stored = [each["n"] for each in await storage.call(numbers.to_list())]
        before = next((n for n, number in enumerate(stored) if n != number), len(stored)) - 1
        chunk = await storage.call(storage.chunks().find_one({"files_id": file_id, "n": before}))
    return (chunk["n"], bytes(chunk["data"])) if chunk else None


async def delete_chunks_from(file_id: str, first: int) -> None:
    await storage.call(storage.chunks().delete_many({"files_id": file_id, "n": {"$gte": first}}))


async def read_chunks(file_id: str, first: int, limit: int) -> list[bytes]:
    """Return up to `limit` consecutive chunks from number `first`, ending before the first one that is missing."""
    query = storage.chunks().find({"files_id": file_id, "n": {"$gte": first}}).sort("n", 1).limit(limit)
    chunks = await storage.call(query.to_list())
    return [chunk["data"] for n, chunk in zip(count(first), chunks, strict=False) if chunk["n"] == n]


async def insert_file(reference: FileReference) -> None:
    """Insert the file's document, without which its chunks are an orphaned upload; one that is there stays."""
    metadata: Document = {
        "groupId": reference.group_id,
        "uploadedBy": reference.uploaded_by,
        "type": reference.type,
        "sha256": reference.sha256,
    }
    if reference.width and reference.height:
        metadata |= {"width": reference.width, "height": reference.height}
    if reference.charset:
        metadata["charset"] = reference.charset
    if reference.thumbnails:
        metadata["thumbnails"] = [asdict(thumbnail) for thumbnail in reference.thumbnails]
    document: Document = {
        "_id": reference.id,
        "filename": reference.name,
        "length": Int64(reference.size),
        "chunkSize": CHUNK_BYTES,
        "uploadDate": datetime.fromisoformat(reference.uploaded_at),
        "metadata": metadata,
    }
    with suppress(DuplicateKeyError):
        await storage.call(storage.files().insert_one(document))


async def find_file(file_id: str) -> FileReference | None:
    """Return a file, or None; checks no permission."""
    document = await storage.call(storage.files().find_one({"_id": file_id}))
    return _to_reference(document) if document else None


async def find_uploads(file_ids: Collection[str], *, group_id: str, user_id: str) -> dict[str, FileReference]:
    """Return those of the files that this user uploaded to this group, by id."""
    query = {"_id": {"$in": list(file_ids)}, "metadata.groupId": group_id, "metadata.uploadedBy": user_id}
    documents = await storage.call(storage.files().find(query).to_list())
    return {document["_id"]: _to_reference(document) for document in documents}


async def list_newest_files(
    group_id: str, *, limit: int, after: tuple[datetime, str] | None = None, kind: str | None = None
) -> list[FileReference]:
    """Return a group's files, newest first, `limit` at most.

    With `after`, those that follow this time and id; with `kind`, those of this kind.
    """
    query: Document = {"metadata.groupId": group_id}
    if kind == OTHER:
        query["metadata.type"] = {"$not": re.compile("|".join(PATTERNS.values()))}
    elif kind is not None:
        query["metadata.type"] = {"$regex": PATTERNS[kind]}
    if after is not None:
        date, file_id = after
        query["$or"] = [{"uploadDate": {"$lt": date}}, {"uploadDate": date, "_id": {"$lt": file_id}}]
    ordered = storage.files().find(query).sort([("uploadDate", -1), ("_id", -1)]).limit(limit)
    return [_to_reference(document) for document in await storage.call(ordered.to_list())]


async def count_bytes_of_user(user_id: str, *, at_least: int) -> int:
    """Return the bytes of all files that a user has uploaded, or is uploading, each counting `at_least`.

    One command, which reads indexes only.
    """
    lengths = {"$project": {"_id": 0, "length": 1}}
    under_way = {"coll": storage.uploads().name, "pipeline": [{"$match": {"userId": user_id}}, lengths]}
    pipeline: list[Document] = [
        {"$match": {"metadata.uploadedBy": user_id}},
        lengths,
        {"$unionWith": under_way},
        {"$group": {"_id": None, "bytes": {"$sum": {"$max": ["$length", at_least]}}}},
    ]
    cursor = await storage.call(storage.files().aggregate(pipeline))
    totals = await storage.call(cursor.to_list())
    return int(totals[0]["bytes"]) if totals else 0


async def count_stored_bytes() -> int:
    """Return how many bytes the chunks and thumbnails of all files take, as the store counts them."""
    names = (storage.chunks().name, storage.thumbnails().name)
    statistics = [await storage.call(storage.database().command("collStats", name)) for name in names]
    return sum(int(each["size"]) for each in statistics)


async def find_files_not_known_as_sent(uploaded_before: datetime, *, limit: int) -> list[FileReference]:
    """Return the oldest files of those that nobody has marked with `mark_sent`."""
    query: Document = {"metadata.sent": None, "uploadDate": {"$lt": uploaded_before}}
    oldest = storage.files().find(query).sort("uploadDate", 1).limit(limit)
    return [_to_reference(document) for document in await storage.call(oldest.to_list())]


async def mark_sent(file_ids: Collection[str]) -> None:
    """Note that the files belong to messages, so that they are not looked up again."""
    query = {"_id": {"$in": list(file_ids)}}
    await storage.call(storage.files().update_many(query, {"$set": {"metadata.sent": True}}))


async def delete_file(file_id: str) -> None:
    """Delete the file's document, its chunks and its thumbnails; missing ones are ignored."""
    with suppress(NoFile):
        await storage.call(storage.bucket().delete(file_id))
    replacements = {"files_id": {"$regex": f"^{re.escape(file_id)}~"}}
    await storage.call(storage.chunks().delete_many(replacements))
    await storage.call(storage.thumbnails().delete_many({"fileId": file_id}))


async def delete_chunks(file_id: str) -> None:
    await storage.call(storage.chunks().delete_many({"files_id": file_id}))


def new_replacement_id(file_id: str) -> str:
    """Return an id under which content waits that is to replace a file's."""
    return new_id(f"{file_id}~", 8)


async def put_in_place(file_id: str, replacement: str) -> None:
    """Give a file the chunks that wait under the id `replacement`; repeated after a failure, it goes on from there."""
    old = {"files_id": file_id, "replaces": {"$exists": False}}
    await storage.call(storage.chunks().delete_many(old))
    moved = {"$set": {"files_id": file_id, "replaces": True}}
    await storage.call(storage.chunks().update_many({"files_id": replacement}, moved))


async def find_orphaned_uploads(written_before: datetime) -> list[str]:
    """Return the ids of uploads without a file whose last chunk was written before `written_before`.

    Those that may be resumed are none of these.
    """
    pipeline: list[Document] = [
        {"$sort": {"files_id": 1}},
        {"$group": {"_id": "$files_id"}},
        {"$lookup": {"from": "fs.files", "localField": "_id", "foreignField": "_id", "as": "file"}},
        {"$lookup": {"from": "fs.uploads", "localField": "_id", "foreignField": "_id", "as": "upload"}},
        {"$match": {"file": [], "upload": []}},
    ]
    cursor = await storage.call(storage.chunks().aggregate(pipeline))
    orphans = [document["_id"] for document in await storage.call(cursor.to_list())]
    return [file_id for file_id in orphans if await _last_written(file_id) < written_before]


async def find_files_without_chunks(written_before: datetime) -> list[str]:
    """Return the ids of files of more than 0 bytes that were created before `written_before` and have no chunks."""
    first_chunk = {
        "from": "fs.chunks",
        "localField": "_id",
        "foreignField": "files_id",
        "pipeline": [{"$match": {"n": 0}}, {"$project": {"_id": 1}}],
        "as": "chunks",
    }
    pipeline: list[Document] = [
        {"$match": {"length": {"$gt": 0}, "uploadDate": {"$lt": written_before}}},
        {"$project": {"_id": 1}},
        {"$lookup": first_chunk},
        {"$match": {"chunks": []}},
    ]
    cursor = await storage.call(storage.files().aggregate(pipeline))
    return [document["_id"] for document in await storage.call(cursor.to_list())]


async def _last_written(file_id: str) -> datetime:
    """Return when the last chunk was written, which its ObjectId says."""
    newest = await storage.call(storage.chunks().find_one({"files_id": file_id}, {"_id": 1}, sort=[("n", -1)]))
    chunk_id = newest["_id"] if newest else None
    return chunk_id.generation_time if isinstance(chunk_id, ObjectId) else datetime.now(UTC)


def _to_reference(document: Document) -> FileReference:
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
        charset=metadata.get("charset"),
        thumbnails=tuple(Thumbnail(**each) for each in metadata.get("thumbnails", ())),
    )
