"""The requests of tus 1.0, as the tests make them."""

import base64
from typing import Any

import httpx

from tests.cast import Person

from .conftest import read

VERSION = {"Tus-Resumable": "1.0.0"}
PART = {**VERSION, "Content-Type": "application/offset+octet-stream"}


def in_base64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def metadata(**pairs: str) -> str:
    return ",".join(f"{name} {in_base64(value)}" for name, value in pairs.items())


async def begin(client: httpx.AsyncClient, group_id: str, length: int, **more: str) -> httpx.Response:
    described = metadata(**{"groupId": group_id, "filename": "a.bin", "filetype": "application/octet-stream", **more})
    headers = {**VERSION, "Upload-Length": str(length), "Upload-Metadata": described}
    return await client.post("/api/uploads", headers=headers)


async def begun(client: httpx.AsyncClient, group_id: str, length: int, **more: str) -> str:
    """Return the upload's address."""
    response = await begin(client, group_id, length, **more)
    assert response.status_code == 201, response.text
    return response.headers["location"]


async def append(client: httpx.AsyncClient, url: str, offset: int, content: Any, **more: str) -> httpx.Response:
    return await client.patch(url, content=content, headers={**PART, "Upload-Offset": str(offset), **more})


async def offset_of(client: httpx.AsyncClient, url: str) -> int:
    response = await client.head(url, headers=VERSION)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    return int(response.headers["upload-offset"])


def file_id(url: str) -> str:
    return url.rpartition("/")[2]


async def content_of(person: Person, url: str) -> bytes:
    return b"".join([piece async for piece in read(person, file_id(url))])
