"""The cast of the files' tests: alice owns a group, bob is in it, charlie is outside; on real engines."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.core.asgi import get_asgi_application
from pytest_django import Settings

from chatproject import store
from files import storage
from files.body_limit import BodyLimit
from files.reference import FileReference
from files.services import store_file
from groups import models as groups
from users import models as users
from users.actor import Actor
from users.services import local_sign_in, sign_in


@dataclass(frozen=True)
class Person:
    actor: Actor
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture(scope="session", autouse=True)
async def _stores() -> AsyncIterator[None]:
    for table in (*users.TABLES, groups.GroupRow):
        if not await store.call(table.exists):
            await store.call(table.create_table, wait=True)
    await storage.ensure_indexes()
    yield
    await storage.close()


async def _person(name: str) -> Person:
    token = await local_sign_in(name=f"{name} {uuid4().hex[:8]}")
    return Person(await sign_in(token=token), token)


@pytest.fixture(scope="session")
async def alice(_stores: None) -> Person:
    return await _person("Alice")


@pytest.fixture(scope="session")
async def bob(_stores: None) -> Person:
    return await _person("Bob")


@pytest.fixture(scope="session")
async def charlie(_stores: None) -> Person:
    return await _person("Charlie")


async def join(group_id: str, person: Person, role: str = "member") -> None:
    member = groups.Member(group_id, person.actor.user_id, role, "2026-01-01T00:00:00.000Z")
    await store.call(groups.member_row(member).save)


async def leave(group_id: str, person: Person) -> None:
    """Take the membership away where `require_member` looks for it; what the services do besides is theirs."""
    row = groups.GroupRow(group_id, groups.member_item(person.actor.user_id))
    await store.call(row.delete)


@pytest.fixture
async def group_id(alice: Person, bob: Person) -> str:
    group_id = f"group_{uuid4().hex[:16]}"
    await join(group_id, alice, "owner")
    await join(group_id, bob)
    return group_id


async def pieces(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def stored(
    person: Person, group_id: str, content: bytes = b"hello", name: str = "a.txt", content_type: str = "text/plain"
) -> FileReference:
    return await store_file(
        actor=person.actor, group_id=group_id, name=name, content_type=content_type, chunks=pieces(content)
    )


async def count_left(group_id: str) -> int:
    """Return how many files the group has."""
    return await storage.files().count_documents({"metadata.groupId": group_id})


def upload(
    content: bytes = b"hello", name: str = "a.txt", content_type: str = "text/plain", *, group_id: str
) -> dict[str, Any]:
    """Return what makes httpx send one file as a form does."""
    return {"data": {"groupId": group_id}, "files": [("file", (name, content, content_type))]}


Browser = Callable[[Person | None], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def browser(settings: Settings, tmp_path: Path) -> AsyncIterator[Browser]:
    """Return what makes an HTTP client of the application for somebody, or for nobody."""
    settings.STATIC_ROOT = tmp_path  # whitenoise warns where nobody has run collectstatic
    application = BodyLimit(get_asgi_application())
    async with AsyncExitStack() as clients:

        async def open_for(person: Person | None) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app=application)
            headers = person.headers if person else {}
            client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000", headers=headers)
            return await clients.enter_async_context(client)

        yield open_for
