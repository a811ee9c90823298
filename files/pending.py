"""Uploads that may be resumed: a document each, beside GridFS's own; how far one is, its chunks say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.int64 import Int64

from . import models, storage
from .arrival import Received
from .file_reference import FileReference
from .models import CHUNK_BYTES
from .storage import Document


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """An upload of `length` bytes; its id is that of the file that it becomes. `name` and `content_type` are untrusted.

    Once all has come, `received` is what becomes of it.
    """

    id: str
    group_id: str
    user_id: str
    name: str
    content_type: str
    length: int
    expires_at: datetime
    received: Received | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """How many bytes of an upload are stored, and its last chunk if that has room for more."""

    offset: int
    tail: bytes = b""


async def insert_pending(upload: PendingUpload) -> None:
    document: Document = {
        "_id": upload.id,
        "groupId": upload.group_id,
        "userId": upload.user_id,
        "name": upload.name,
        "type": upload.content_type,
        "length": Int64(upload.length),
        "expiresAt": upload.expires_at,
    }
    await storage.call(storage.uploads().insert_one(document))


async def find_pending(upload_id: str) -> PendingUpload | None:
    """Return an upload, or None; checks no permission."""
    document = await storage.call(storage.uploads().find_one({"_id": upload_id}))
    return _to_pending(document) if document else None


async def prolong(upload_id: str, expires_at: datetime) -> None:
    await storage.call(storage.uploads().update_one({"_id": upload_id}, {"$set": {"expiresAt": expires_at}}))


async def note_received(upload_id: str, received: Received) -> Received | None:
    """Note what becomes of an upload, unless another process was first; return what is noted, None if it is gone."""
    noted: Document = {"file": received.reference.as_wire(), "replacement": received.replacement}
    await storage.call(
        storage.uploads().update_one({"_id": upload_id, "received": {"$exists": False}}, {"$set": {"received": noted}})
    )
    upload = await find_pending(upload_id)
    return upload.received if upload else None


async def delete_pending(upload_id: str) -> None:
    await storage.call(storage.uploads().delete_one({"_id": upload_id}))


async def find_expired(before: datetime, *, limit: int) -> list[str]:
    """Return the ids of uploads that expired before a time."""
    expired = storage.uploads().find({"expiresAt": {"$lt": before}}, {"_id": 1}).limit(limit)
    return [document["_id"] for document in await storage.call(expired.to_list())]


async def find_of_group(group_id: str, *, limit: int) -> list[str]:
    """Return the ids of uploads to a group."""
    found = storage.uploads().find({"groupId": group_id}, {"_id": 1}).limit(limit)
    return [document["_id"] for document in await storage.call(found.to_list())]


async def find_stored(upload_id: str) -> Stored:
    last = await models.last_chunk(upload_id)
    if last is None:
        return Stored(0)
    n, data = last
    return Stored((n + 1) * CHUNK_BYTES) if len(data) == CHUNK_BYTES else Stored(n * CHUNK_BYTES + len(data), data)


def _to_pending(document: Mapping[str, Any]) -> PendingUpload:
    received = document.get("received")
    return PendingUpload(
        id=document["_id"],
        group_id=document["groupId"],
        user_id=document["userId"],
        name=document["name"],
        content_type=document["type"],
        length=int(document["length"]),
        expires_at=document["expiresAt"],
        received=received and Received(FileReference.from_wire(received["file"]), received["replacement"]),
    )
