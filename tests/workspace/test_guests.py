"""A guest sees the people they share a group with: at every door, others are as if they did not exist."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from files.pictures.cutting import SentPicture
from files.pictures.services import set_picture
from foundation.errors import Forbidden
from groups import services as groups
from messaging import services as messages
from tests.cast import Person, person
from tests.entry_points import http_client, page_entry_point
from tests.files.conftest import pieces
from tests.media import picture
from tests.serving import Server, serving
from tests.socket_client import connected
from users.roles import GUEST
from users.services import update_profile

from .cast import give_role

NOBODY = "user_nobody"


@dataclass(frozen=True)
class Scene:
    """The guest shares a group with `seen`; `unseen`, of the same family name, is elsewhere."""

    guest: Person
    seen: Person
    unseen: Person
    group_id: str
    other_group_id: str
    family: str
    message_id: str


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def scene_of(family: str) -> Scene:
    guest, seen, unseen = [await person(f"{name} {family}") for name in ("Gus", "Sea", "Una")]
    await update_profile(actor=unseen.actor, handle=f"una-{family}")
    for each in (seen, unseen):
        await set_picture(actor=each.actor, picture=SentPicture(pieces(picture()), len(picture())))
    group = await groups.create_group(actor=seen.actor, name="Shared", member_ids=[guest.id])
    other = await groups.create_group(actor=unseen.actor, name="Elsewhere", member_ids=[seen.id])
    sent = await messages.send_message(actor=guest.actor, group_id=group.id, content="hello")
    guest = await give_role(guest, GUEST)
    return Scene(guest, seen, unseen, group.id, other.id, family, sent["message"]["id"])


@pytest.fixture(scope="module")
async def scene() -> Scene:
    return await scene_of(uuid4().hex[:8])


# --- doors that take the id of a person ------------------------------------------------------------------------------
_By = Callable[[Scene, str], tuple[str, str, dict[str, Any]]]
BY_ID: dict[str, _By] = {
    "a profile": lambda s, id_: ("GET", f"/api/users/{id_}", {}),
    "a picture": lambda s, id_: ("GET", f"/api/users/{id_}/picture", {}),
    "a small picture": lambda s, id_: ("GET", f"/api/users/{id_}/picture?size=48", {}),
    "a new group": lambda s, id_: ("POST", "/api/groups", {"json": {"name": "Ours", "memberIds": [id_]}}),
    "a direct conversation": lambda s, id_: ("POST", "/api/groups/direct", {"json": {"userId": id_}}),
    "adding to a group": lambda s, id_: ("POST", f"/api/groups/{s.group_id}/members", {"json": {"userIds": [id_]}}),
    "removing from a group": lambda s, id_: ("DELETE", f"/api/groups/{s.group_id}/members/{id_}", {}),
    "a role in a group": lambda s, id_: (
        "PATCH",
        f"/api/groups/{s.group_id}/members/{id_}",
        {"json": {"role": "admin"}},
    ),
    "a mention": lambda s, id_: ("POST", "/api/messages", {"json": {"groupId": s.group_id, "content": f"<@{id_}>"}}),
    "a mention in code": lambda s, id_: (
        "POST",
        "/api/messages?render=html",
        {"json": {"groupId": s.group_id, "content": f"`<@{id_}>` <@{id_}>"}},
    ),
    "a mention in an edit": lambda s, id_: (
        "PATCH",
        f"/api/messages/{s.message_id}",
        {"json": {"content": f"<@{id_}>"}},
    ),
    "a mention in a forward": lambda s, id_: (
        *("POST", f"/api/messages/{s.message_id}/forward"),
        {"json": {"groupId": s.group_id, "content": f"see <@{id_}>"}},
    ),
    "a role in the workspace": lambda s, id_: ("PUT", f"/api/workspace/people/{id_}/role", {"json": {"role": "guest"}}),
    "being deactivated": lambda s, id_: ("POST", f"/api/workspace/people/{id_}/deactivate", {}),
    "being reactivated": lambda s, id_: ("POST", f"/api/workspace/people/{id_}/reactivate", {}),
    "being removed": lambda s, id_: ("DELETE", f"/api/workspace/people/{id_}", {}),
}


@pytest.mark.parametrize("name", BY_ID)
async def test_unseen_people_look_like_unknown_ones(server: Server, scene: Scene, name: str) -> None:
    async with http_client(server.url, scene.guest) as client:
        unseen, unknown = [await _send(client, BY_ID[name](scene, id_)) for id_ in (scene.unseen.id, NOBODY)]
    assert unseen.status_code == unknown.status_code, (unseen.text, unknown.text)
    # An answer may repeat what was asked.
    assert unseen.text.replace(scene.unseen.id, NOBODY) == unknown.text
    assert "Una" not in unseen.text


async def _send(client: httpx.AsyncClient, request: tuple[str, str, dict[str, Any]]) -> httpx.Response:
    method, path, more = request
    return await client.request(method, path, **more)


PAGES: dict[str, Callable[[Scene, str], str]] = {
    "a person": lambda s, id_: f"/people/{id_}",
    "reporting a person": lambda s, id_: f"/people/{id_}/report",
    "people by name": lambda s, id_: f"/people?search={s.family}",
    "all people": lambda s, id_: "/people",
    "the members": lambda s, id_: f"/groups/{s.group_id}/members",
    "a group": lambda s, id_: f"/groups/{s.group_id}",
}


async def test_no_page_names_who_is_unseen(server: Server, scene: Scene) -> None:
    async with page_entry_point(server.url, scene.guest, scene.group_id) as browser:
        for name, path in PAGES.items():
            unseen, unknown = [await browser.client.get(path(scene, id_)) for id_ in (scene.unseen.id, NOBODY)]
            assert unseen.status_code == unknown.status_code, name
            assert "Una" not in unseen.text, name
        token = {"csrfmiddlewaretoken": browser.client.cookies["csrftoken"]}
        for address in ("/direct", f"/groups/{scene.group_id}/members/add"):
            for form in (
                {"userId": scene.unseen.id},
                {"name": f"Una {scene.family}"},
                {"name": "Una"},
                {"name": "@una"},
            ):
                answer = await browser.client.post(address, data={**form, **token})
                assert answer.status_code in (400, 403, 404), (address, form)
                assert scene.unseen.id not in answer.text.replace(str(form.get("userId")), "")


# --- doors that list people ------------------------------------------------------------------------------------------
LISTS: dict[str, Callable[[Scene], str]] = {
    "all": lambda s: "/api/users?limit=100",
    "by family name": lambda s: f"/api/users?search={s.family}",
    "by name": lambda s: f"/api/users?search=Una {s.family}",
    "by handle": lambda s: f"/api/users?search=@una-{s.family}",
    "in a group": lambda s: f"/api/groups/{s.group_id}/members",
    "to name": lambda s: f"/api/groups/{s.group_id}/mentionable?limit=50",
    "to name by name": lambda s: f"/api/groups/{s.group_id}/mentionable?search=una",
    "groups": lambda s: "/api/groups",
    "an inbox": lambda s: "/api/inbox",
    "threads": lambda s: "/api/threads",
}


@pytest.mark.parametrize("name", LISTS)
async def test_no_list_has_who_is_unseen(server: Server, scene: Scene, name: str) -> None:
    async with http_client(server.url, scene.guest) as client:
        answer = await client.get(LISTS[name](scene))
    assert answer.status_code == 200, answer.text
    assert scene.unseen.id not in answer.text
    assert "Una" not in answer.text
    assert scene.other_group_id not in answer.text


async def test_they_see_whom_they_share_a_group_with(server: Server, scene: Scene) -> None:
    async with http_client(server.url, scene.guest) as client:
        for path in (
            f"/api/users/{scene.seen.id}",
            f"/api/users/{scene.guest.id}",
            f"/api/users/{scene.seen.id}/picture",
        ):
            assert (await client.get(path)).status_code == 200, path
        found = (await client.get(f"/api/users?search={scene.family}")).json()["users"]
        named = await client.post(
            "/api/messages", json={"groupId": scene.group_id, "content": f"<@{scene.seen.id}> <@{scene.guest.id}>"}
        )
        assert (await client.post("/api/groups/direct", json={"userId": scene.seen.id})).is_success
    # Their names go on with what differs from run to run, and so does their order.
    assert sorted(user["id"] for user in found) == sorted([scene.guest.id, scene.seen.id])
    assert named.status_code == 201


async def test_sockets_tell_them_of_nobody_else(server: Server, scene: Scene) -> None:
    async with connected(server.url, scene.unseen), connected(server.url, scene.guest) as socket:
        ready = await socket.wait_for("ready")
        assert scene.unseen.id not in str(ready)
        for event, data in (
            ("message", {"groupId": scene.group_id, "content": f"<@{scene.unseen.id}>"}),
            ("message", {"groupId": scene.other_group_id, "content": "x"}),
            ("thread_typing", {"groupId": scene.other_group_id, "typing": True}),
        ):
            answer = await socket.send(event, data)
            assert answer["error"]["code"] in ("invalid", "not_found"), event
        await update_profile(actor=scene.unseen.actor, title="Captain")
        await socket.send("message", {"groupId": scene.group_id, "content": "after"})
        assert "Captain" not in str(socket.all("profile_update"))
        assert scene.unseen.id not in str(socket.all("presence_update"))


async def test_which_handles_are_taken_is_no_news_for_them(scene: Scene) -> None:
    for handle in (f"una-{scene.family}", f"free-{scene.family}"):
        with pytest.raises(Forbidden):
            await update_profile(actor=scene.guest.actor, handle=handle)
