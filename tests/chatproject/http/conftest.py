"""A server, and a person who calls it as an API client."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from groups import services as groups
from groups.read_marks import read_marks
from messaging import services as messages
from tests.cast import Person, person
from tests.entry_points import http_client
from tests.serving import Server, serving

ORIGIN = "http://pages.test"


@dataclass
class Scene:
    server: Server
    alice: Person
    bob: Person
    http: httpx.AsyncClient
    group_id: str
    message: dict[str, Any]

    @property
    def message_url(self) -> str:
        return f"/api/messages/{self.message['id']}"


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({"ALLOWED_ORIGINS": ORIGIN}) as server:
        yield server


@pytest.fixture
async def scene(server: Server) -> AsyncIterator[Scene]:
    alice, bob = await person("Alice"), await person("Bob")
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    sent = await messages.send_message(actor=alice.actor, group_id=group.id, content="ahoy " * 60)
    # Else the server would see it move later.
    await read_marks().write_all()
    async with http_client(server.url, alice) as http:
        # What a client asks for by itself must not decide what it gets.
        http.headers["Accept-Encoding"] = "identity"
        yield Scene(server, alice, bob, http, group.id, sent["message"])
