"""A file that comes in a form and one that comes in parts meet the same rules, and become the same file."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from tests.cast import Person
from tests.entry_points import OK, code_of
from tests.media import CLIP, pdf, picture

from .conftest import Browser, chunk_file_ids, upload
from .test_thumbnails import photo
from .tus_requests import append, begin

File = tuple[str, str, bytes]  # name, declared type, content
Door = Callable[[httpx.AsyncClient, str, File], Awaitable[httpx.Response]]


async def _in_a_form(client: httpx.AsyncClient, group_id: str, file: File) -> httpx.Response:
    name, declared, content = file
    return await client.post("/api/upload", **upload(content, name, declared, group_id=group_id))


async def _in_a_form_at_last(client: httpx.AsyncClient, group_id: str, file: File) -> httpx.Response:
    name, declared, content = file
    form: list[tuple[str, Any]] = [("file", (name, content, declared)), ("groupId", (None, group_id.encode()))]
    return await client.post("/api/upload", files=form)


async def _in_parts(client: httpx.AsyncClient, group_id: str, file: File) -> httpx.Response:
    name, declared, content = file
    begun = await begin(client, group_id, len(content), filename=name, filetype=declared)
    if begun.status_code != 201:
        return begun
    url, half = begun.headers["location"], len(content) // 2
    for start, part in ((0, content[:half]), (half, content[half:])):
        response = await append(client, url, start, part)
        assert response.status_code == 204, response.text
    return await client.get(f"/api/files/metadata/{url.rpartition('/')[2]}")


DOORS: dict[str, Door] = {"form": _in_a_form, "form, group last": _in_a_form_at_last, "parts": _in_parts}
TEXT: File = ("a.txt", "text/plain; charset=koi8-r", "привет".encode("koi8-r"))
FILES: dict[str, File] = {
    "text": TEXT,
    "photo": ("IMG 1\u202f.jpg", "image/png", photo("JPEG", 6)),
    "animation": ("a.gif", "", picture(image_format="GIF")),
    "film": ("a", "", CLIP.read_bytes()),
    "document": ("../q&amp;a.pdf", "application/octet-stream", pdf()),
    "no picture": ("a.png", "image/png", b"<script>" + bytes(100)),
}
CASES = [
    ("alice", "$group", 10, OK),
    ("bob", "$group", 1000, OK),
    ("bob", "$group", 1001, "too_large"),
    ("charlie", "$group", 10, "not_found"),
    ("alice", "group_0000000000000000", 10, "not_found"),
    ("alice", "", 10, "invalid"),
    ("alice", "g" * 200, 10, "invalid"),
    ("nobody", "$group", 10, "unauthenticated"),
]


@pytest.fixture
async def clients(alice: Person, bob: Person, charlie: Person, browser: Browser) -> dict[str, httpx.AsyncClient]:
    people = {"alice": alice, "bob": bob, "charlie": charlie, "nobody": None}
    return {name: await browser(person) for name, person in people.items()}


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_every_door_answers_the_same(
    clients: dict[str, httpx.AsyncClient], group_id: str, settings: Settings, case: tuple[str, str, int, str]
) -> None:
    who, group, size, expected = case
    settings.MAX_FILE_BYTES = 1000
    before = await chunk_file_ids()
    for name, door in DOORS.items():
        file = ("a.bin", "", b"x" * size)
        assert code_of(await door(clients[who], group.replace("$group", group_id), file)) == expected, name
    assert expected == OK or await chunk_file_ids() <= before


@pytest.mark.parametrize("name", FILES)
async def test_every_door_makes_the_same_file(alice: Person, group_id: str, browser: Browser, name: str) -> None:
    client = await browser(alice)
    made = []
    for door in DOORS.values():
        described = (await door(client, group_id, FILES[name])).json()
        file = described.get("file", described)
        metadata = {key: value for key, value in file["metadata"].items() if key not in ("uploadedAt", "thumbnails")}
        sizes = [(each["width"], each["height"]) for each in file["metadata"].get("thumbnails", ())]
        made.append((file["name"], file["type"], file["size"], metadata, sizes))
    assert made[0] == made[1] == made[2]
