"""Each administrative act on accounts, and each proof of who somebody is that changes, is noted in the audit log."""

import pytest
from pytest_django import Settings

from tests.workspace.audit.attempts import noted

from .administrative import ADMINISTRATIVE
from .administrative_scene import Scene
from .cast import PASSWORD, Member


@pytest.fixture
def scene(owner: Member, member: Member, settings: Settings) -> Scene:
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example", "chat@example.org"
    return Scene(olive=owner, mary=member)


@pytest.mark.parametrize("name", ADMINISTRATIVE)
async def test_what_a_service_does_is_noted(scene: Scene, name: str) -> None:
    attempt = ADMINISTRATIVE[name]
    act = await noted(attempt, scene)
    by = getattr(scene, attempt.by, None)
    assert by is None or act.by == by.id
    assert attempt.by != "operator" or act.by == "operator"
    # Not a secret, and no name that would outlive whoever had it.
    assert not {PASSWORD, scene.mary.login, scene.olive.login} & set(map(str, act.about.values()))
