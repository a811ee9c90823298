"""The API and the pages of the workspace refuse and take the same, from each role, and take no hostile input."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import AsyncClient

from tests.cast import Person, person
from tests.entry_points import OK
from tests.media import picture
from users import models as users
from users.roles import ADMIN, GUEST, MEMBER, OWNER
from workspace import models, services
from workspace.settings import DEFAULTS

from .cast import person_of, the_owner

API = {
    "settings": ("PATCH", "/api/workspace"),
    "role": ("PUT", "/api/workspace/people/{userId}/role"),
    "deactivate": ("POST", "/api/workspace/people/{userId}/deactivate"),
    "reactivate": ("POST", "/api/workspace/people/{userId}/reactivate"),
    "remove": ("DELETE", "/api/workspace/people/{userId}"),
    "remove logo": ("DELETE", "/api/workspace/logo"),
    "list out": ("GET", "/api/workspace/deactivated"),
}
PAGES = {
    "settings": "/workspace/settings",
    "role": "/workspace/people/{userId}/role",
    "deactivate": "/workspace/people/{userId}/deactivate",
    "reactivate": "/workspace/people/{userId}/reactivate",
    "remove": "/workspace/people/{userId}/remove",
    "remove logo": "/workspace/logo/remove",
}
STATUS = {"invalid": 400, "forbidden": 403, "not_found": 404, "unauthenticated": 302}
_HOSTILE = ("user_nobody", "owner%23", "workspace%23", "..%2f..", "x" * 129, "%00", "%F0%9F%98%80")
# operation, who, data, code. `$name` is the id of somebody of this role, `$out` that of somebody who is deactivated.
ATTEMPTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("settings", ADMIN, {"name": "Harbour"}, OK),
    ("settings", OWNER, {"makeGroups": "admins"}, OK),
    ("settings", ADMIN, {"uploadFiles": "members", "invitePeople": "members", "name": ""}, OK),
    ("settings", ADMIN, {}, "invalid"),
    ("settings", ADMIN, {"name": "x" * 65}, "invalid"),
    ("settings", ADMIN, {"name": "\u202eevil"}, "invalid"),
    ("settings", ADMIN, {"makeGroups": "nobody"}, "invalid"),
    ("settings", ADMIN, {"makeGroups": ""}, "invalid"),
    ("settings", ADMIN, {"invitePeople": "everyone"}, "invalid"),
    ("role", OWNER, {"userId": "$member", "role": "owner"}, OK),
    ("role", ADMIN, {"userId": "$member", "role": "guest"}, OK),
    ("role", ADMIN, {"userId": "$guest", "role": "member"}, OK),
    ("role", ADMIN, {"userId": "$member", "role": "admin"}, "forbidden"),
    ("role", ADMIN, {"userId": "$owner", "role": "member"}, "forbidden"),
    ("role", OWNER, {"userId": "$member", "role": "king"}, "invalid"),
    ("role", OWNER, {"userId": "$member"}, "invalid"),
    ("role", OWNER, {"userId": "$owner", "role": "member"}, "forbidden"),
    ("deactivate", ADMIN, {"userId": "$member"}, OK),
    ("deactivate", ADMIN, {"userId": "$out"}, OK),
    ("deactivate", ADMIN, {"userId": "$owner"}, "forbidden"),
    ("deactivate", OWNER, {"userId": "$owner"}, "forbidden"),
    ("reactivate", ADMIN, {"userId": "$out"}, OK),
    ("reactivate", ADMIN, {"userId": "$member"}, OK),
    ("remove", ADMIN, {"userId": "$out"}, OK),
    ("remove", ADMIN, {"userId": "$member"}, "invalid"),
    ("remove logo", ADMIN, {}, OK),
    ("list out", ADMIN, {}, OK),
    ("list out", MEMBER, {}, "forbidden"),
    ("list out", GUEST, {}, "forbidden"),
    *((operation, OWNER, {"userId": "user_nobody", "role": "member"}, "not_found")
      for operation in ("role", "deactivate", "reactivate", "remove")),
    *((operation, who, {"userId": id_, "role": "member", "name": "Mine"}, "forbidden")
      for operation in PAGES for who in (MEMBER, GUEST) for id_ in ("$out", "$guest", "user_nobody")),
    *((operation, "nobody", {"userId": "$member", "role": "member", "name": "Mine"}, "unauthenticated")
      for operation in API),
]  # fmt: skip


@dataclass
class Scene:
    people: dict[str, Person]
    out: Person

    def fill(self, value: Any) -> Any:
        if value == "$out":
            return self.out.id
        return self.people[value[1:]].id if isinstance(value, str) and value.startswith("$") else value

    async def state(self) -> Any:
        everybody = [*self.people.values(), self.out]
        stored = await users.get_many([each.id for each in everybody], consistent=True)
        return sorted(stored.items()), await models.load()


@pytest.fixture
async def scene() -> Any:
    owner = await the_owner()
    people = {OWNER: owner, **{role: await person_of(role) for role in (ADMIN, MEMBER, GUEST)}}
    out = await person("Out")
    await services.deactivate(actor=owner.actor, user_id=out.id)
    yield Scene(people, out)
    await services.change_settings(actor=owner.actor, name="", **DEFAULTS)


async def answer(scene: Scene, operation: str, who: str, data: dict[str, Any]) -> Any:
    method, path = API[operation]
    given = {name: scene.fill(value) for name, value in data.items()}
    path = path.format(**{"userId": "x", **given})
    body = {name: value for name, value in given.items() if name in _fields(operation)}
    headers = scene.people[who].headers if who in scene.people else {}
    client = AsyncClient()
    if method in ("GET", "DELETE"):
        return await client.generic(method, path, headers=headers)
    call = {"PATCH": client.patch, "PUT": client.put, "POST": client.post}[method]
    return await call(path, body, content_type="application/json", headers=headers)


def _fields(operation: str) -> set[str]:
    return {"settings": {"name", "makeGroups", "invitePeople", "uploadFiles"}, "role": {"role"}}.get(operation, set())


@pytest.mark.parametrize(("operation", "who", "data", "code"), ATTEMPTS)
async def test_the_api_answers(scene: Scene, operation: str, who: str, data: dict[str, Any], code: str) -> None:
    before = await scene.state()
    response = await answer(scene, operation, who, data)
    if code == OK:
        assert response.status_code in (200, 204), response.content
        return
    assert response.json()["error"]["code"] == code, response.content
    assert await scene.state() == before


@pytest.mark.parametrize(("operation", "who", "data", "code"), [case for case in ATTEMPTS if case[0] in PAGES])
async def test_a_page_answers(scene: Scene, operation: str, who: str, data: dict[str, Any], code: str) -> None:
    before = await scene.state()
    client = AsyncClient()
    if who in scene.people:
        client.cookies["__session"] = scene.people[who].token
    given = {name: scene.fill(value) for name, value in data.items()}
    path = PAGES[operation].format(**{"userId": "x", **given})
    form = {name: value for name, value in given.items() if name in _fields(operation)}
    response = await client.post(path, {**form, "sure": "on"})
    if code == OK:
        assert (response.status_code, response["Location"]) == (302, "/workspace"), response.content
        return
    assert response.status_code == STATUS[code], response.content
    if code == "unauthenticated":
        assert response["Location"].startswith("/sign-in")
    assert await scene.state() == before


@pytest.mark.parametrize("user_id", _HOSTILE)
@pytest.mark.parametrize("operation", ["role", "deactivate", "reactivate", "remove"])
async def test_a_hostile_id_is_nobodys(scene: Scene, operation: str, user_id: str) -> None:
    before = await scene.state()
    response = await answer(scene, operation, OWNER, {"userId": user_id, "role": "member"})
    assert response.status_code in (400, 404), response.content
    assert await scene.state() == before


async def test_nothing_is_removed_without_being_sure(scene: Scene) -> None:
    client = AsyncClient()
    client.cookies["__session"] = scene.people[OWNER].token
    response = await client.post(f"/workspace/people/{scene.out.id}/remove")
    assert response.status_code == 400
    user = await users.get(scene.out.id)
    assert user is not None
    assert not user.is_removed


async def test_the_page_shows_each_role_what_it_may(scene: Scene) -> None:
    shown = {}
    for role, somebody in scene.people.items():
        client = AsyncClient()
        client.cookies["__session"] = somebody.token
        shown[role] = (await client.get("/workspace")).content.decode()
        assert (await client.get("/workspace?search=zzzz&cursor=bad")).status_code in (200, 400)
    for role in (MEMBER, GUEST):
        assert scene.out.id not in shown[role]
        assert "Deactivate" not in shown[role]
    for role in (ADMIN, OWNER):
        # Those of other tests may fill the first page.
        assert shown[role].count("/reactivate") >= 1


async def test_a_logo_is_set_by_form(scene: Scene) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = AsyncClient()
    for role, status in ((MEMBER, 403), (ADMIN, 302)):
        client.cookies["__session"] = scene.people[role].token
        file = SimpleUploadedFile("logo.jpg", picture(), content_type="image/jpeg")
        assert (await client.post("/workspace/logo", {"file": file})).status_code == status
    assert (await models.load()).logo_id
    assert (await client.post("/workspace/logo", {})).status_code == 400
    await client.post("/workspace/logo/remove")
    assert (await models.load()).logo_id is None
