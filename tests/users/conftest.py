"""Fixtures of the tests of users: the table, an issuer, a JWKS server, a signed-in user."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from users import services, user_cache
from users.actor import Actor
from users.models import TABLES

from .issuer import Issuer, JwksServer, jwks_server


@pytest.fixture(scope="session", autouse=True)
def users_table(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("unit"):
        return
    for table in TABLES:
        if not table.exists():
            table.create_table(wait=True)


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def jwks() -> Iterator[JwksServer]:
    with jwks_server() as server:
        yield server


@pytest.fixture
def name() -> str:
    """A name that no user has yet: the tables outlive a test."""
    return f"Alice {uuid4().hex}"


@pytest.fixture
async def token(name: str) -> str:
    return await services.sign_in_locally(name=name)


@pytest.fixture
async def alice(token: str) -> Actor:
    user_cache.clear()
    return await services.sign_in(token=token)
