"""Each administrative act of groups, messages, users and the workspace is noted in the audit log."""

import pytest
from pytest_django import Settings

from tests.cast import Person

from .administrative import ADMINISTRATIVE, Scene
from .attempts import noted


@pytest.fixture
def scene(alice: Person, bob: Person, charlie: Person, group_id: str, settings: Settings) -> Scene:
    settings.ADMINISTRATORS = frozenset([alice.id])
    return Scene(group_id, alice, bob, charlie)


@pytest.mark.parametrize("name", ADMINISTRATIVE)
async def test_what_a_service_does_is_noted(scene: Scene, name: str) -> None:
    attempt = ADMINISTRATIVE[name]
    act = await noted(attempt, scene)
    by = getattr(scene, attempt.by, None)
    assert act.by == (by.id if by else attempt.by)
    assert act.session == (by.actor.session_id if by else None)
