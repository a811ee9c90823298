"""Fixtures: a server with accounts and a provider, whichever of the two a test asks for."""

import pytest
from pytest_django import Settings

from accounts.oidc.provider import discovery
from tests.accounts.conftest import accounts_are_kept, member, other, owner

from .real_provider import CLIENT_ID, CLIENT_SECRET

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
