"""Each administrative act of groups, messages, users and the workspace is noted in the audit log."""

import asyncio

import pytest
from pytest_django import Settings

from groups import services as groups
from groups.log.appender import append as log_append
from groups.services import changing
from tests.cast import Person
from workspace import audit

from .administrative import ADMINISTRATIVE
from .administrative_workspace import Scene
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


async def test_hanging_up_keeps_no_act_out_of_the_log(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    appended, go_on, noted_acts = asyncio.Event(), asyncio.Event(), asyncio.Queue[str]()

    async def append(*args: object) -> object:
        result = await log_append(*args)  # type: ignore[arg-type] # passed on
        appended.set()
        await go_on.wait()
        return result

    async def record(act: str, **about: object) -> None:
        noted_acts.put_nowait(act)

    monkeypatch.setattr(changing, "append", append)
    monkeypatch.setattr(audit, "record", record)
    renaming = asyncio.create_task(groups.rename_group(actor=scene.alice.actor, group_id=scene.group_id, name="Haven"))
    await appended.wait()
    renaming.cancel()
    await asyncio.wait([renaming])
    assert renaming.cancelled()
    go_on.set()
    assert await noted_acts.get() == "group.rename"
