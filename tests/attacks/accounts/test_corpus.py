"""Hostile requests to a server that keeps accounts: refused, briefly, and harmless."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.accounts.cast import Member
from tests.attacks.corpus import accounts
from tests.attacks.stage import ENVIRONMENT, Stage, attacked
from tests.cast import Person


@pytest.fixture
async def stage(tmp_path: Path, owner: Member, member: Member) -> AsyncIterator[Stage]:
    """One whose alice is the owner, and whose bob is a member."""
    people = iter((owner, member))

    async def arrive(name: str) -> Person:
        person = next(people)
        return Person(person.actor, person.token)

    environment = {**ENVIRONMENT, "SIGN_IN": "accounts"}
    async with attacked(tmp_path / "log", environment=environment, arrive=arrive) as stage:
        yield stage


async def test_forms_of_accounts(stage: Stage) -> None:
    await stage.attempt(accounts.forms())
    await stage.attempt(accounts.pages())


async def test_the_api_of_accounts(stage: Stage) -> None:
    await stage.attempt(accounts.bodies())
