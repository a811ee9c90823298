"""Where the people of these tests are: what is alice's, what is nobody's, and people who may have none of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from accounts.services import invitations
from files.pictures.cutting import SentPicture
from files.pictures.services import set_group_picture, set_picture
from files.resumable import begin_upload
from files.services import store_file
from groups import services as groups
from groups.blocking.services import block_user
from groups.invitations.services import make_link
from messaging import services as messages
from messaging.later import planning, reminding
from notifications.devices.services import add_device
from tests.accounts.cast import Member, forget_owner, joined, owner_link
from tests.bad_input_notifications import NOTIFICATION_REQUESTS
from tests.cast import Person
from tests.files.conftest import pieces
from tests.media import picture
from tests.search.searching import index
from tests.workspace.cast import give_role
from users.roles import GUEST
from workspace import services as workspace
from workspace.teams import services as teams

from .door import Names

_SECRET = "between us"


@dataclass(frozen=True)
class Scene:
    """What `real` names is alice's; what `absent` names is not there."""

    alice: Person
    real: Names
    absent: Names
    outsider: Person
    guest: Person
    deactivated: Person
    # Who signs out.
    leaving: Person

    @property
    def secrets(self) -> list[str]:
        """Return what no outsider is told of."""
        return [self.real["title"], _SECRET, self.real["filename"]]

    @property
    def secrets_of_people(self) -> list[str]:
        """Return what no guest is told of besides."""
        return [self.alice.actor.name, self.real["handle"], self.real["teamname"]]


async def make_scene() -> Scene:
    owner = await _owner()
    alice, charlie, gus, dora, lea = [await _joined(owner, name) for name in ("Alice", "Charlie", "Gus", "Dora", "Lea")]
    await workspace.deactivate(actor=owner.actor, user_id=dora.id)
    real = await things_of(owner, alice)
    return Scene(alice, real, _absent(real), charlie, await give_role(gus, GUEST), dora, lea)


async def _owner() -> Person:
    await forget_owner()
    return _person(await joined(await owner_link(), f"Olive{uuid4().hex[:10]}"))


async def _joined(owner: Person, name: str) -> Person:
    return _person(await joined(await invitations.invite(actor=owner.actor), f"{name}{uuid4().hex[:10]}"))


def _person(member: Member) -> Person:
    return Person(member.actor, member.token)


async def things_of(owner: Person, alice: Person, *members: Person) -> Names:
    """Return the names of a group of alice's with everything in it, and of a team that she manages."""
    title, code = f"Harbour {uuid4().hex}", uuid4().hex[:12]
    group = await groups.create_group(actor=alice.actor, name=title, member_ids=[each.id for each in members])
    sent = await messages.send_message(actor=alice.actor, group_id=group.id, content=_SECRET)
    filename = f"{code}.txt"
    file = await store_file(
        actor=alice.actor, group_id=group.id, name=filename, content_type="text/plain", chunks=_bytes(b"secret")
    )
    upload = await begin_upload(actor=alice.actor, group_id=group.id, length=5, name=filename)
    link = await make_link(actor=alice.actor, group_id=group.id)
    for set_it in (
        set_picture(actor=alice.actor, picture=_picture()),
        set_group_picture(actor=alice.actor, group_id=group.id, picture=_picture()),
    ):
        await set_it
    team = await teams.create_team(actor=owner.actor, name=f"Team {code}", handle=f"team-{code}", member_ids=[alice.id])
    await index(group.id)
    return {
        "user": alice.id,
        "name": alice.actor.name,
        "group": group.id,
        "title": title,
        "message": sent["message"]["id"],
        "seq": str(sent["message"]["seq"]),
        "file": file.id,
        "filename": filename,
        "upload": upload.id,
        "link": link.link.id,
        "team": team.id,
        "teamname": team.name,
        "handle": team.handle,
        "free": f"free-{code}",
        **await _planned(alice, group.id, sent["message"]["id"], code),
        # Of administrators, or of oneself: nobody here has any.
        **{name: f"{name}_000000000000" for name in ("invitation", "case", "notice", "session")},
    }


async def _planned(alice: Person, group_id: str, message_id: str, code: str) -> dict[str, str]:
    """Return the names of what alice has planned, and of a device that takes pushes for her."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    scheduled = await planning.schedule_message(actor=alice.actor, group_id=group_id, content=_SECRET, at=tomorrow)
    reminder = await reminding.remind(actor=alice.actor, message_id=message_id, at=tomorrow)
    keys = NOTIFICATION_REQUESTS["POST", "/api/notifications/devices"]["keys"]
    device = await add_device(
        actor=alice.actor,
        endpoint=f"https://push.example.org/{code}",
        public_key=keys["p256dh"],
        secret=keys["auth"],
    )
    return {"scheduled": scheduled["scheduled"]["id"], "reminder": reminder["reminder"]["id"], "device": device["id"]}


def _absent(real: Names) -> Names:
    group = "group_0000000000000000"
    ids = {name: f"{real[name].partition('_')[0]}_00000000000000000000" for name in ("file", "upload", "link")}
    plans = {name: f"{name}_00000000000000000000" for name in ("scheduled", "reminder", "device")}
    texts = {name: f"nothing {uuid4().hex[:12]}" for name in ("name", "title", "teamname", "filename")}
    told = {"handle": f"nothing-{uuid4().hex[:12]}", "team": "team:000000000000", "user": "user_nobody"}
    return {**real, **ids, **plans, **texts, **told, "group": group, "message": f"{group}.2", "seq": "2"}


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _picture() -> SentPicture:
    return SentPicture(pieces(picture()), len(picture()))


@dataclass(frozen=True)
class Apart:
    """Bob in two groups that are alike: of alice, who has blocked him, and of carol, who has blocked nobody."""

    bob: Person
    of_alice: Names
    of_carol: Names


async def make_apart() -> Apart:
    owner = await _owner()
    bob, alice, carol = [await _joined(owner, name) for name in ("Bob", "Alice", "Carol")]
    await block_user(actor=alice.actor, user_id=bob.id)
    of_alice, of_carol = [await things_of(owner, one, bob) for one in (alice, carol)]
    return Apart(bob, of_alice, of_carol)
