"""What administrators do with the workspace: its settings, roles, and who may come in."""

from dataclasses import dataclass

from tests.cast import Person
from workspace import services as workspace

from .attempts import Attempt


@dataclass(frozen=True)
class Scene:
    """A group that alice owns and bob is a member of; charlie is outside. Alice administers the workspace."""

    group_id: str
    alice: Person
    bob: Person
    charlie: Person


async def _change_settings(scene: Scene) -> str:
    await workspace.change_settings(actor=scene.alice.actor, make_groups="members")
    return scene.alice.id


async def _set_logo(scene: Scene) -> str:
    await workspace.set_logo(actor=scene.alice.actor, logo_id=None)
    return scene.alice.id


async def _change_role(scene: Scene) -> str:
    # Once: who repeats it has it noted again, for the response may have been lost (docs/decisions/0052).
    await workspace.change_role(actor=scene.alice.actor, user_id=scene.bob.id, role="guest")
    return scene.bob.id


async def _set_role_by_operator(scene: Scene) -> str:
    await workspace.set_role_by_operator(user_id=scene.bob.id, role="guest")
    return scene.bob.id


async def _set_role_by_provider(scene: Scene) -> str:
    for _ in range(2):
        await workspace.set_role_by_provider(user_id=scene.bob.id, role="guest")
    return scene.bob.id


async def _deactivate(scene: Scene) -> str:
    await workspace.deactivate(actor=scene.alice.actor, user_id=scene.bob.id)
    return scene.bob.id


async def _reactivate(scene: Scene) -> str:
    await workspace.deactivate(actor=scene.alice.actor, user_id=scene.bob.id)
    await workspace.reactivate(actor=scene.alice.actor, user_id=scene.bob.id)
    return scene.bob.id


async def _remove_personal_data(scene: Scene) -> str:
    await workspace.deactivate(actor=scene.alice.actor, user_id=scene.bob.id)
    await workspace.remove_personal_data(actor=scene.alice.actor, user_id=scene.bob.id)
    return scene.bob.id


OF_THE_WORKSPACE: dict[str, Attempt[Scene]] = {
    "workspace.services.change_settings": Attempt("workspace.settings", _change_settings),
    "workspace.services.set_logo": Attempt("workspace.logo", _set_logo),
    "workspace.services.change_role": Attempt("role.change", _change_role),
    "workspace.services.set_role_by_operator": Attempt("role.change", _set_role_by_operator, by="operator"),
    "workspace.services.set_role_by_provider": Attempt("role.change", _set_role_by_provider, by="provider"),
    "workspace.services.deactivate": Attempt("user.deactivate", _deactivate),
    "workspace.services.reactivate": Attempt("user.reactivate", _reactivate),
    "workspace.services.remove_personal_data": Attempt("user.remove", _remove_personal_data),
}
