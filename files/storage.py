"""The MongoDB client, one for each event loop: short time-outs, and the driver's errors translated to ours."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bson.errors import InvalidDocument
from django.conf import settings
from gridfs import AsyncGridFSBucket
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.collection import Collection
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DocumentTooLarge,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from foundation.errors import Invalid, Misconfigured, TooLarge, Unavailable
from foundation.log_throttle import LogThrottle
from foundation.pools import PoolFigures, sum_pools
from foundation.tasks import run_to_completion

from .pool_listener import PoolListener

logger = logging.getLogger(__name__)

T = TypeVar("T")
Document = dict[str, Any]

# The first notices a dead server. The second notices one that hangs: it bounds a call with all its retries.
SERVER_SELECTION_SECONDS = 2.0
CALL_SECONDS = 4.0

# Unauthorized, AuthenticationFailed, and OutOfDiskSpace.
_REFUSAL_CODES = {13, 18, 14031}
_DUPLICATE_KEY = 11000
_refusals = LogThrottle()

_clients: dict[asyncio.AbstractEventLoop, AsyncMongoClient[Document]] = {}
_blocking_clients: dict[asyncio.AbstractEventLoop, MongoClient[Document]] = {}
# One for each client of the loop.
_listeners: dict[asyncio.AbstractEventLoop, list[PoolListener]] = {}
# Uploads under way at once that write without waiting for each other; a store that hangs holds no other thread.
_writers = ThreadPoolExecutor(8, thread_name_prefix="files")


def client() -> AsyncMongoClient[Document]:
    """Return the running loop's client; PyMongo binds a client to the loop on which it is first used."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        # A client refers to its loop, so that weak keys would keep both alive.
        for closed in [other for other in _clients if other.is_closed()]:
            del _clients[closed]
            _blocking_clients.pop(closed, None)
            _listeners.pop(closed, None)
        _clients[loop] = AsyncMongoClient(settings.MONGODB_URI, **_options(loop))
    return _clients[loop]


def _options(loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    listener = PoolListener()
    _listeners.setdefault(loop, []).append(listener)
    return {
        "appname": "chatproject",
        "event_listeners": [listener],
        "tz_aware": True,
        "connectTimeoutMS": 1000,
        "serverSelectionTimeoutMS": int(SERVER_SELECTION_SECONDS * 1000),
        "timeoutMS": int(CALL_SECONDS * 1000),
        # What is acknowledged survives a kill and a new primary (docs/decisions/0026). These override the URI.
        "w": "majority",
        "journal": True,
        "readConcernLevel": "majority",
    }


async def call_in_thread(function: Callable[[Collection[Document]], T]) -> T:
    """Call a function with GridFS's chunks on a thread, as `call` does: writing megabytes keeps a core busy."""
    loop = asyncio.get_running_loop()
    if loop not in _blocking_clients:
        _blocking_clients[loop] = MongoClient(settings.MONGODB_URI, **_options(loop))
    collection = _blocking_clients[loop][settings.MONGODB_DATABASE][chunks().name]

    async def on_thread() -> T:
        return await loop.run_in_executor(_writers, function, collection)

    return await call(on_thread())


async def close() -> None:
    """Close the running loop's clients, if it has any."""
    loop = asyncio.get_running_loop()
    if (closing := _clients.pop(loop, None)) is not None:
        await closing.close()
    if (blocking := _blocking_clients.pop(loop, None)) is not None:
        blocking.close()
    _listeners.pop(loop, None)


def pool_figures() -> PoolFigures:
    """Return how many connections the running loop's clients have."""
    return sum_pools(listener.figures() for listener in _listeners.get(asyncio.get_running_loop(), ()))


def database() -> AsyncDatabase[Document]:
    return client()[settings.MONGODB_DATABASE]


def files() -> AsyncCollection[Document]:
    """Return GridFS's collection of files, one document each."""
    return database()["fs.files"]


def chunks() -> AsyncCollection[Document]:
    """Return GridFS's collection of chunks, the pieces of files."""
    return database()["fs.chunks"]


def thumbnails() -> AsyncCollection[Document]:
    """Return the collection of thumbnails, which is none of GridFS's."""
    return database()["fs.thumbnails"]


def pictures() -> AsyncCollection[Document]:
    """Return the collection of pictures of people and groups, which is none of GridFS's either."""
    return database()["fs.pictures"]


def uploads() -> AsyncCollection[Document]:
    """Return the collection of uploads that may be resumed."""
    return database()["fs.uploads"]


def bucket() -> AsyncGridFSBucket:
    return AsyncGridFSBucket(database())


async def call(operation: Coroutine[Any, Any, T]) -> T:
    """Await an operation of the driver; raises `Unavailable`, `TooLarge`, `Invalid`, or else the driver's error."""
    # Not cancelled with its caller: it is bounded by time-outs of its own, and the driver is slow to recover.
    return await run_to_completion(_translated(operation))


async def _translated(operation: Coroutine[Any, Any, T]) -> T:
    try:
        return await operation
    except PyMongoError as error:
        raise _translate(error) from error
    except InvalidDocument as error:
        raise Invalid from error


def _translate(error: PyMongoError) -> Exception:
    if isinstance(error, DocumentTooLarge):
        return TooLarge()
    if _codes(error) & _REFUSAL_CODES:
        if _refusals.should_log():
            logger.error("MongoDB refuses this server: %s", error)
        return Misconfigured()
    # `timeout` is true of every time-out; AutoReconnect covers all failures to reach a server.
    if isinstance(error, AutoReconnect | WriteConcernError) or error.timeout:
        return Unavailable()
    return error


def _codes(error: PyMongoError) -> set[int | None]:
    """Return MongoDB's error codes; of a write of several documents, those of each."""
    if isinstance(error, BulkWriteError):
        return {each.get("code") for each in (error.details or {}).get("writeErrors", ())}
    return {error.code} if isinstance(error, OperationFailure) else set()


def is_duplicate(error: BulkWriteError) -> bool:
    """Return whether a document was refused for a key that another one has."""
    return _DUPLICATE_KEY in _codes(error)


async def ensure_indexes() -> None:
    """Create GridFS's own indexes, and those for a group's files newest first, a user's bytes, and unsent files."""
    await call(chunks().create_index([("files_id", 1), ("n", 1)], unique=True))
    await call(thumbnails().create_index([("fileId", 1)]))
    await call(pictures().create_index([("createdAt", 1)]))
    await call(pictures().create_index([("groupId", 1)], sparse=True))
    await call(uploads().create_index([("userId", 1), ("length", 1)]))
    await call(uploads().create_index([("expiresAt", 1)]))
    await call(uploads().create_index([("groupId", 1)]))
    await call(files().create_index([("filename", 1), ("uploadDate", 1)]))
    await call(files().create_index([("metadata.groupId", 1), ("uploadDate", -1), ("_id", -1)]))
    await call(files().create_index([("metadata.uploadedBy", 1), ("length", 1)]))
    await call(files().create_index([("metadata.sent", 1), ("uploadDate", 1)]))
