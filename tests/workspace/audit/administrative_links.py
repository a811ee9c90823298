"""What is done with links by which people join a group."""

from urllib.parse import parse_qs, urlsplit

import pytest

from foundation.errors import NotFound
from groups import services as groups
from groups.asked import MustBeAsked
from groups.invitations import services as invitations
from users.privacy import set_addable_by

from .administrative_workspace import Scene
from .attempts import Attempt


async def _make(scene: Scene) -> str:
    return (await invitations.make_link(actor=scene.alice.actor, group_id=scene.group_id)).link.id


async def _revoke(scene: Scene) -> str:
    link_id = await _make(scene)
    await invitations.revoke_link(actor=scene.alice.actor, group_id=scene.group_id, link_id=link_id)
    return link_id


async def _join(scene: Scene) -> str:
    made = await invitations.make_link(actor=scene.alice.actor, group_id=scene.group_id, uses=2)
    (token,) = parse_qs(urlsplit(made.address).query)["link"]
    # Who is there already uses nothing up.
    for _ in range(2):
        await invitations.join_by_link(actor=scene.charlie.actor, token=token)
    return made.link.id


async def _withdraw(scene: Scene) -> str:
    await set_addable_by(actor=scene.charlie.actor, addable_by="nobody")
    with pytest.raises(MustBeAsked):
        await groups.add_members(actor=scene.alice.actor, group_id=scene.group_id, user_ids=[scene.charlie.id])
    asked = {"group_id": scene.group_id, "user_id": scene.charlie.id}
    await invitations.withdraw_invitation(actor=scene.alice.actor, **asked)
    # Who is not asked any more is not found.
    with pytest.raises(NotFound):
        await invitations.withdraw_invitation(actor=scene.alice.actor, **asked)
    return scene.charlie.id


OF_LINKS: dict[str, Attempt[Scene]] = {
    "groups.invitations.services.make_link": Attempt("invitation_link.make", _make),
    "groups.invitations.services.revoke_link": Attempt("invitation_link.revoke", _revoke),
    "groups.invitations.services.withdraw_invitation": Attempt("invitation.withdraw", _withdraw),
    "groups.invitations.services.join_by_link": Attempt("invitation_link.use", _join, by="charlie"),
}
