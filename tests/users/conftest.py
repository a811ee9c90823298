"""What the tests of users share: the table, a key, a JWKS server, signed-in people."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from users import recent, services
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
    """A name that nobody has yet, for the tables outlive a test."""
    return f"Alice {uuid4().hex}"


@pytest.fixture
async def token(name: str) -> str:
    return await services.local_sign_in(name=name)


@pytest.fixture
async def alice(token: str) -> Actor:
    recent.clear()
    return await services.sign_in(token=token)
