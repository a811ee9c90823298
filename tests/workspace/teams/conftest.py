"""An administrator of the workspace, and a team of alice, who manages it, and bob."""

from uuid import uuid4

import pytest
from pytest_django import Settings

from tests.cast import Person, person
from workspace.teams import services
from workspace.teams.models import MANAGER, Team


def new_handle() -> str:
    return f"t{uuid4().hex[:16]}"


@pytest.fixture
async def admin(settings: Settings) -> Person:
    admin = await person("Dora")
    settings.ADMINISTRATORS = frozenset([admin.id])
    return admin


@pytest.fixture
async def team(admin: Person, alice: Person, bob: Person) -> Team:
    made = await services.create_team(
        actor=admin.actor, name="Design", handle=new_handle(), member_ids=[alice.id, bob.id]
    )
    await services.change_role(actor=admin.actor, team_id=made.id, user_id=alice.id, role=MANAGER)
    return made
