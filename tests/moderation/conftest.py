"""Fixtures of the tests of moderation: dora administers the workspace, and is in no group."""

import pytest
from pytest_django import Settings

from tests.cast import Person, person


@pytest.fixture
async def dora(settings: Settings) -> Person:
    dora = await person("Dora")
    settings.ADMINISTRATORS = frozenset([dora.id])
    return dora
