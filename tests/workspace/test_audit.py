"""Each administrative act is noted, with who did it, and none that was refused."""

import logging

import pytest

from files.pictures import logo
from foundation.errors import AppError
from tests.cast import Person, person
from tests.files.conftest import pieces
from tests.media import picture
from users.roles import GUEST, MEMBER
from workspace import services

from .cast import person_of, the_owner


async def _acts(by: Person, on: Person) -> None:
    """Do each act once, in an order in which all are permitted to an owner."""
    size = len(picture())
    for act in (
        lambda: services.change_role(actor=by.actor, user_id=on.id, role=GUEST),
        lambda: services.change_settings(actor=by.actor, name="Harbour"),
        lambda: services.change_settings(actor=by.actor, name=""),
        lambda: logo.set_logo(actor=by.actor, pieces=pieces(picture()), size=size),
        lambda: logo.remove_logo(actor=by.actor),
        lambda: services.deactivate(actor=by.actor, user_id=on.id),
        lambda: services.reactivate(actor=by.actor, user_id=on.id),
        lambda: services.deactivate(actor=by.actor, user_id=on.id),
        lambda: services.remove_personal_data(actor=by.actor, user_id=on.id),
    ):
        try:
            await act()
        except AppError:
            continue


_ALL = ["role.change", "workspace.settings", "workspace.settings", "workspace.logo", "workspace.logo"]
_ALL += ["user.deactivate", "user.reactivate", "user.deactivate", "user.remove"]


async def test_each_act_is_noted_with_who_did_it(caplog: pytest.LogCaptureFixture) -> None:
    owner, somebody = await the_owner(), await person("Somebody")
    with caplog.at_level(logging.INFO, logger="workspace.audit"):
        await _acts(owner, somebody)
    noted = [record.getMessage() for record in caplog.records if f"by={owner.id}" in record.getMessage()]
    assert [line.partition(" ")[0] for line in noted] == _ALL
    assert all(f"user={somebody.id}" in line for line in noted if line.startswith(("role", "user")))


@pytest.mark.parametrize("role", [MEMBER, GUEST])
async def test_what_was_refused_is_not_noted(caplog: pytest.LogCaptureFixture, role: str) -> None:
    actor, somebody = await person_of(role), await person("Somebody")
    with caplog.at_level(logging.INFO, logger="workspace.audit"):
        await _acts(actor, somebody)
    assert not [record for record in caplog.records if f"by={actor.id}" in record.getMessage()]
