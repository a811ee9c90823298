"""The one way to MongoDB: a client for each event loop, short time-outs, the driver's errors translated."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from bson.errors import InvalidDocument
from django.conf import settings
from gridfs import AsyncGridFSBucket
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect, DocumentTooLarge, PyMongoError

from foundation.errors import Invalid, TooLarge, Unavailable

T = TypeVar("T")
Document = dict[str, Any]

# A dead server is noticed by the first (seconds), a hung one by the second: it bounds one call with all its retries.
SERVER_SELECTION_SECONDS = 2.0
CALL_SECONDS = 4.0

_clients: dict[asyncio.AbstractEventLoop, AsyncMongoClient[Document]] = {}


def client() -> AsyncMongoClient[Document]:
    """Return the client of the running loop: PyMongo binds it to the loop that it is first used on."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        # A client refers to its loop, so weak keys would never let one go.
        for closed in [known for known in _clients if known.is_closed()]:
            del _clients[closed]
        _clients[loop] = AsyncMongoClient(
            settings.MONGODB_URI,
            appname="chatproject",
            tz_aware=True,
            connectTimeoutMS=1000,
            serverSelectionTimeoutMS=int(SERVER_SELECTION_SECONDS * 1000),
            timeoutMS=int(CALL_SECONDS * 1000),
        )
    return _clients[loop]


async def close() -> None:
    """Close the running loop's client, if it has one."""
    found = _clients.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()


def database() -> AsyncDatabase[Document]:
    return client()[settings.MONGODB_DATABASE]


def files() -> AsyncCollection[Document]:
    """Return GridFS's collection of files, one document each."""
    return database()["fs.files"]


def chunks() -> AsyncCollection[Document]:
    """Return GridFS's collection of the pieces that files are cut into."""
    return database()["fs.chunks"]


def bucket() -> AsyncGridFSBucket:
    return AsyncGridFSBucket(database())


async def call(operation: Awaitable[T]) -> T:
    """Await an operation of the driver; raises `Unavailable`, `TooLarge` or `Invalid` for what a caller can act on."""
    try:
        return await operation
    except PyMongoError as error:
        raise _translated(error) from error
    except InvalidDocument as error:
        raise Invalid from error


def _translated(error: PyMongoError) -> Exception:
    if isinstance(error, DocumentTooLarge):
        return TooLarge()
    # `timeout` covers every way of running out of time; AutoReconnect every way of not reaching a server.
    if isinstance(error, AutoReconnect) or error.timeout:
        return Unavailable()
    return error


async def ensure_indexes() -> None:
    """Create what GridFS needs to find a file's chunks in order, and what lists a group's files newest first."""
    await call(chunks().create_index([("files_id", 1), ("n", 1)], unique=True))
    await call(files().create_index([("filename", 1), ("uploadDate", 1)]))
    await call(files().create_index([("metadata.groupId", 1), ("uploadDate", -1), ("_id", -1)]))
