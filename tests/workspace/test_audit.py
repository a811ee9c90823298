"""Each administrative act is noted, with who did it, and none that was refused."""

import asyncio
import logging
from typing import Any

import pytest

from dynamodb import store
from files.pictures import logo
from files.pictures.cutting import SentPicture
from foundation.errors import AppError
from tests.cast import Person, person
from tests.files.conftest import pieces
from tests.media import picture
from users import standings
from users.roles import GUEST, MEMBER
from workspace import audit, models, services
from workspace.settings import Workspace

from .cast import person_of, the_owner


async def _acts(by: Person, on: Person) -> None:
    """Do each act once, in an order in which all are permitted to an owner."""
    for act in (
        lambda: services.change_role(actor=by.actor, user_id=on.id, role=GUEST),
        lambda: services.change_settings(actor=by.actor, name="Harbour"),
        lambda: services.change_settings(actor=by.actor, name=""),
        lambda: logo.set_logo(actor=by.actor, picture=SentPicture(pieces(picture()), len(picture()))),
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


async def test_a_role_is_noted_by_who_repeats_it_after_a_lost_response(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, somebody = await the_owner(), await person("Somebody")
    write = standings.write

    async def lost(*args: Any, **kwargs: Any) -> None:
        await write(*args, **kwargs)
        raise store.OutcomeUnknown

    with monkeypatch.context() as patch:
        patch.setattr(standings, "write", lost)
        with pytest.raises(store.OutcomeUnknown):
            await services.change_role(actor=owner.actor, user_id=somebody.id, role=GUEST)
    with caplog.at_level(logging.INFO, logger="workspace.audit"):
        await services.change_role(actor=owner.actor, user_id=somebody.id, role=GUEST)
    (noted,) = [line for line in caplog.messages if line.startswith("role.change")]
    assert all(part in noted for part in (f"by={owner.id}", f"user={somebody.id}", f"role={GUEST}"))


async def test_a_logo_is_noted_though_its_caller_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = await the_owner()
    replace_logo, stored, ended = models.replace_logo, asyncio.Event(), asyncio.Event()

    async def slow(*args: Any, **kwargs: Any) -> Workspace | None:
        changed = await replace_logo(*args, **kwargs)
        stored.set()
        await ended.wait()
        return changed

    noted = asyncio.Event()

    async def record(act: str, /, **about: Any) -> None:
        noted.set()

    monkeypatch.setattr(models, "replace_logo", slow)
    monkeypatch.setattr(audit, "record", record)
    call = asyncio.create_task(services.set_logo(actor=owner.actor, logo_id=None))
    await stored.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    ended.set()
    async with asyncio.timeout(5):
        await noted.wait()


@pytest.mark.parametrize("role", [MEMBER, GUEST])
async def test_what_was_refused_is_not_noted(caplog: pytest.LogCaptureFixture, role: str) -> None:
    actor, somebody = await person_of(role), await person("Somebody")
    with caplog.at_level(logging.INFO, logger="workspace.audit"):
        await _acts(actor, somebody)
    assert not [record for record in caplog.records if f"by={actor.id}" in record.getMessage()]
