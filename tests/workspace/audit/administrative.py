"""The administrative services of all apps but `accounts`, whose own tests have theirs."""

from uuid import uuid4

from files.pictures import services as pictures
from files.pictures.cutting import SentPicture
from groups import services as groups
from groups.followers import registrations
from groups.followers import services as followers
from messaging import group_deletion
from messaging import services as messages
from moderation import selectors as cases
from moderation import services as moderation
from tests.cast import Person, person
from tests.files.conftest import pieces
from tests.groups.followers.recording import Recorder
from tests.media import picture
from users import impersonations
from users.clerk import services as clerk
from users.tokens import Claims
from workspace.audit import services as audit
from workspace.teams import services as teams

from .administrative_links import OF_LINKS
from .administrative_workspace import OF_THE_WORKSPACE, Scene
from .attempts import Attempt


async def _rename(scene: Scene) -> str:
    await groups.rename_group(actor=scene.alice.actor, group_id=scene.group_id, name="Haven")
    return scene.group_id


async def _set_group_picture(scene: Scene) -> str:
    sent = SentPicture(pieces(picture()), len(picture()))
    await pictures.set_group_picture(actor=scene.alice.actor, group_id=scene.group_id, picture=sent)
    return scene.group_id


async def _remove_group_picture(scene: Scene) -> str:
    await groups.set_picture(actor=scene.alice.actor, group_id=scene.group_id, picture_id="picture_1")
    for _ in range(2):
        await pictures.remove_group_picture(actor=scene.alice.actor, group_id=scene.group_id)
    return scene.group_id


async def _archive(scene: Scene) -> str:
    for _ in range(2):
        await groups.change_group(actor=scene.alice.actor, group_id=scene.group_id, archived=True)
    return scene.group_id


async def _add(scene: Scene) -> str:
    await groups.add_members(actor=scene.alice.actor, group_id=scene.group_id, user_ids=[scene.charlie.id])
    # Who is there already is not added.
    await groups.add_members(actor=scene.alice.actor, group_id=scene.group_id, user_ids=[scene.charlie.id])
    return scene.charlie.id


async def _remove(scene: Scene) -> str:
    await groups.remove_member(actor=scene.alice.actor, group_id=scene.group_id, user_id=scene.bob.id)
    return scene.bob.id


async def _change_role(scene: Scene) -> str:
    for _ in range(2):
        await groups.change_role(actor=scene.alice.actor, group_id=scene.group_id, user_id=scene.bob.id, role="admin")
    return scene.bob.id


async def _delete_group(scene: Scene) -> str:
    await group_deletion.delete_group(actor=scene.alice.actor, group_id=scene.group_id)
    return scene.group_id


async def _delete_message(scene: Scene) -> str:
    sent = await messages.send_message(actor=scene.bob.actor, group_id=scene.group_id, content="ahoy")
    message_id: str = sent["message"]["id"]
    for _ in range(2):
        await messages.delete_message(actor=scene.alice.actor, message_id=message_id)
    own = await messages.send_message(actor=scene.alice.actor, group_id=scene.group_id, content="mine")
    await messages.delete_message(actor=scene.alice.actor, message_id=own["message"]["id"])
    return scene.bob.id


async def _remove_user(scene: Scene) -> str:
    removed = await person("Removed")
    await clerk.remove_user(user_id=removed.id)
    return removed.id


async def _impersonate(scene: Scene) -> str:
    session_id = f"sess_{uuid4().hex}"
    claims = Claims(scene.bob.id, session_id, 0, None, None, None, None, impersonated_by="user_support")
    for _ in range(2):
        await impersonations.record(claims)
    return session_id


async def _rebuild(scene: Scene) -> str:
    name = f"follower-{uuid4().hex}"
    await registrations.load([Recorder(name)])
    await followers.rebuild_follower(name)
    return name


async def _export(scene: Scene) -> str:
    asked = uuid4().hex
    async for _ in await audit.export_acts(actor=scene.alice.actor, about=asked):
        pass
    return asked


async def _decide(scene: Scene) -> str:
    sent = await messages.send_message(actor=scene.bob.actor, group_id=scene.group_id, content="ahoy")
    await moderation.report_message(actor=scene.alice.actor, message_id=sent["message"]["id"], reason="spam")
    (case,) = [
        case
        for case in (await cases.list_cases(actor=scene.alice.actor, limit=100)).cases
        if case.thing.id == sent["message"]["id"]
    ]
    # Once: who repeats it has it noted again, for the response may have been lost (docs/decisions/0052).
    await moderation.decide_case(actor=scene.alice.actor, case_id=case.id, decision="keep")
    return case.id


async def _team(scene: Scene, *people: Person) -> str:
    ids = [one.id for one in people]
    handle = f"t{uuid4().hex[:16]}"
    return (await teams.create_team(actor=scene.alice.actor, name="Design", handle=handle, member_ids=ids)).id


async def _change_team(scene: Scene) -> str:
    team_id = await _team(scene)
    for _ in range(2):
        await teams.change_team(actor=scene.alice.actor, team_id=team_id, name="Drawing")
    return team_id


async def _delete_team(scene: Scene) -> str:
    team_id = await _team(scene)
    await teams.delete_team(actor=scene.alice.actor, team_id=team_id)
    return team_id


async def _add_to_team(scene: Scene) -> str:
    team_id = await _team(scene)
    for _ in range(2):
        await teams.add_people(actor=scene.alice.actor, team_id=team_id, user_ids=[scene.bob.id])
    return team_id


async def _remove_from_team(scene: Scene) -> str:
    team_id = await _team(scene, scene.bob)
    await teams.remove_person(actor=scene.alice.actor, team_id=team_id, user_id=scene.bob.id)
    return team_id


async def _change_role_in_team(scene: Scene) -> str:
    team_id = await _team(scene, scene.bob)
    for _ in range(2):
        await teams.change_role(actor=scene.alice.actor, team_id=team_id, user_id=scene.bob.id, role="manager")
    return team_id


ADMINISTRATIVE: dict[str, Attempt[Scene]] = {
    **OF_LINKS,
    **OF_THE_WORKSPACE,
    "groups.services.changing.change_group": Attempt("group.archive", _archive),
    "groups.services.changing.rename_group": Attempt("group.rename", _rename),
    "groups.services.members.add_members": Attempt("member.add", _add),
    "groups.services.members.remove_member": Attempt("member.remove", _remove),
    "groups.services.members.change_role": Attempt("member.change_role", _change_role),
    "groups.followers.services.rebuild_follower": Attempt("follower.rebuild", _rebuild, by="operator"),
    "files.pictures.services.set_group_picture": Attempt("group.picture", _set_group_picture),
    "files.pictures.services.remove_group_picture": Attempt("group.picture", _remove_group_picture),
    "messaging.group_deletion.delete_group": Attempt("group.delete", _delete_group),
    "messaging.services.delete_message": Attempt("message.delete", _delete_message),
    "moderation.services.decide_case": Attempt("report.decide", _decide),
    "users.clerk.services.remove_user": Attempt("user.remove", _remove_user, by="clerk"),
    "users.impersonations.record": Attempt("session.impersonate", _impersonate, by="user_support"),
    "workspace.teams.services.create_team": Attempt("team.create", _team),
    "workspace.teams.services.change_team": Attempt("team.change", _change_team),
    "workspace.teams.services.delete_team": Attempt("team.delete", _delete_team),
    "workspace.teams.services.add_people": Attempt("team.add", _add_to_team),
    "workspace.teams.services.remove_person": Attempt("team.remove", _remove_from_team),
    "workspace.teams.services.change_role": Attempt("team.role", _change_role_in_team),
    "workspace.audit.services.export_acts": Attempt("audit.export", _export),
}
