"""Fixtures: a server with accounts and a real provider, and browsers of people whom it knows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from accounts.oidc.provider import discovery
from tests.accounts.cast import Member
from tests.accounts.conftest import accounts_are_kept, member, other, owner
from users import services as users
from users.actor import Actor

from .real_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Listener,
    RealProvider,
    listening,
    running_provider,
    sign_in_there,
)

__all__ = ["accounts_are_kept", "member", "other", "owner"]
PUBLIC_URL = "http://localhost:3000"


@pytest.fixture(autouse=True)
async def a_client(settings: Settings) -> None:
    settings.PUBLIC_URL = PUBLIC_URL
    settings.ALLOWED_ORIGINS = [PUBLIC_URL]
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.OIDC_ACCOUNTS = "made"
    # What is known of another test's provider.
    discovery.pop()


@pytest.fixture(scope="module")
def people() -> dict[str, dict[str, Any]]:
    """Whom the provider knows: each test has somebody of its own."""
    names = ("ada", "bob", "cyd", "dan", "eve", "fay", "gus", "hal", "ivy", "joe", "kim", "lea")
    claims: dict[str, dict[str, Any]] = {
        name: {"name": name.title(), "preferred_username": name, "groups": ["engineering"]} for name in names
    }
    for name, known in claims.items():
        known |= {"email": f"{name}@example.org", "email_verified": name != "eve"}
    return {f"{name}-{uuid4().hex[:8]}": known for name, known in claims.items()}


@pytest.fixture(scope="module")
async def listener() -> AsyncIterator[Listener]:
    async with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
async def real(people: dict[str, dict[str, Any]], listener: Listener) -> AsyncIterator[RealProvider]:
    async with running_provider(PUBLIC_URL, people, listener.address) as provider:
        yield provider


@dataclass
class Browser:
    """Somebody's browser at this server; `login` is who they are at the provider."""

    client: AsyncClient
    login: str

    async def get(self, path: str, query: dict[str, str] | None = None) -> Any:
        return await self.client.get(path, query)

    async def post(self, path: str, form: dict[str, str]) -> Any:
        return await self.client.post(path, form)

    async def signs_in(self, path: str = "/sign-in/oidc", query: dict[str, str] | None = None) -> Any:
        """Go to the provider and come back; return the response to the callback."""
        out = await self.get(path, query)
        assert out.status_code == 302, out.content
        return await self.comes_back(out["Location"])

    async def comes_back(self, address: str) -> Any:
        return await self.get("/sign-in/oidc/callback", await sign_in_there(address, self.login))

    async def actor(self) -> Actor:
        return await users.sign_in(token=self.client.cookies["__session"].value)


@pytest.fixture
def browser(people: dict[str, dict[str, Any]], real: RealProvider, settings: Settings, request: Any) -> Any:
    settings.OIDC_ISSUER = real.issuer

    def open_as(name: str, member: Member | None = None) -> Browser:
        login = next(login for login in people if login.startswith(f"{name}-"))
        client = AsyncClient()
        if member:
            client.cookies["__session"] = member.token
        return Browser(client, login)

    return open_as
