"""Fixtures and helpers for the tests of files: a second group, stored files, HTTP clients of the application."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from django.core.asgi import get_asgi_application

from chatproject.body_limit import BodyLimit, is_streamed
from files import storage
from files.file_reference import FileReference
from files.selectors import get_file, read_content
from files.services import store_file
from foundation.streamed_body import StreamBodies
from groups.services import create_group
from messaging.services import send_message
from tests.cast import Person


@pytest.fixture
async def elsewhere(alice: Person) -> str:
    """Another group, of alice alone."""
    return (await create_group(actor=alice.actor, name="Elsewhere")).id


async def pieces(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def store(
    person: Person, group_id: str, content: bytes = b"hello", name: str = "a.txt", content_type: str = "text/plain"
) -> FileReference:
    return await store_file(
        actor=person.actor, group_id=group_id, name=name, content_type=content_type, chunks=pieces(content)
    )


async def share(
    person: Person, group_id: str, content: bytes = b"hello", name: str = "a.txt", content_type: str = "text/plain"
) -> FileReference:
    """Store a file and send it, so that the group sees it."""
    file = await store(person, group_id, content, name, content_type)
    await send_message(actor=person.actor, group_id=group_id, content="", attachments=[file.id])
    return file


async def read(person: Person, file_id: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
    """Yield the bytes of a file that the person may see, from `start` up to, not including, `end`."""
    reference = await get_file(actor=person.actor, file_id=file_id)
    async for piece in read_content(reference, start, reference.size if end is None else end):
        yield piece


async def count_files(group_id: str) -> int:
    return await storage.files().count_documents({"metadata.groupId": group_id})


async def chunk_file_ids() -> set[str]:
    """Return the ids under which chunks are stored, with or without a file."""
    return set(await storage.chunks().distinct("files_id"))


def upload(
    content: bytes = b"hello", name: str = "a.txt", content_type: str = "text/plain", *, group_id: str
) -> dict[str, Any]:
    """Return the arguments that make httpx send a form with one file."""
    return {"data": {"groupId": group_id}, "files": [("file", (name, content, content_type))]}


Browser = Callable[[Person | None], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Return a function that opens an HTTP client of the application for a person, or for nobody."""
    application = BodyLimit(StreamBodies(get_asgi_application(), is_streamed))
    async with AsyncExitStack() as clients:

        async def open_for(person: Person | None) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app=application)
            headers = person.headers if person else {}
            client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000", headers=headers)
            return await clients.enter_async_context(client)

        yield open_for
