"""The API and the pages refuse and take the same of a team and of a block, and what is refused changes nothing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from foundation import errors
from groups.blocking.selectors import blocked_ids
from tests.cast import Person, person
from tests.entry_points import OK, code_of, http_client
from tests.serving import serving
from workspace.teams import models, services
from workspace.teams.models import MANAGER, MEMBER, Team

from .conftest import new_handle

_STATUS = {code: kind.status for code, kind in errors.error_classes_by_code().items()} | {OK: 302}
TAKEN = new_handle()


@dataclass
class Doors:
    """A team that bob manages and charlie is in; dora administers the workspace, alice is nobody there."""

    people: dict[str, Person]
    api: dict[str, httpx.AsyncClient]
    pages: dict[str, httpx.AsyncClient]
    team: Team

    async def reset(self) -> None:
        """Have the team and the blocks be as they were."""
        found = await models.find_team(self.team.id)
        roles = {self.people["bob"].id: MANAGER, self.people["charlie"].id: MEMBER}
        people = models.People().with_role(roles, MEMBER).with_role([self.people["bob"].id], MANAGER)
        if found is None:
            self.team = await services.create_team(
                actor=self.people["dora"].actor, name="Design", handle=new_handle(), member_ids=list(roles)
            )
            found = await models.find_team(self.team.id)
        assert found
        self.team = await models.put(found[0], people, before=found[0])

    async def state(self) -> Any:
        return await models.find_team(self.team.id), await blocked_ids(actor=self.people["alice"].actor)

    def fill(self, data: dict[str, Any]) -> dict[str, Any]:
        return {name: self.people[value[1:]].id if value[:1] == "$" else value for name, value in data.items()}

    async def by_api(self, who: str, operation: str, data: dict[str, Any]) -> str:
        team, data = f"/api/teams/{self.team.id}", self.fill(data)
        user_id = data.get("userId", "")
        member, blocked = f"{team}/members/{user_id}", f"/api/users/me/blocked/{user_id}"
        method, path, body = {
            "create": ("POST", "/api/teams", data),
            "change": ("PATCH", team, data),
            "delete": ("DELETE", team, None),
            "add": ("POST", f"{team}/members", {"userIds": [user_id]}),
            "remove": ("DELETE", member, None),
            "role": ("PATCH", member, {"role": data.get("role")}),
            "block": ("PUT", blocked, None),
            "unblock": ("DELETE", blocked, None),
        }[operation]
        return code_of(await self.api[who].request(method, path, json=body))

    async def by_page(self, who: str, operation: str, data: dict[str, Any]) -> int:
        paths = {"create": "/teams", "block": "/profile/blocked/add", "unblock": "/profile/blocked/remove"}
        client = self.pages[who]
        form = {**self.fill(data), "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        response = await client.post(paths.get(operation, f"/teams/{self.team.id}/{operation}"), data=form)
        if "/sign-in" in response.headers.get("location", ""):
            return errors.Unauthenticated.status
        return response.status_code


@pytest.fixture(scope="module")
async def doors() -> AsyncIterator[Doors]:
    people = {name: await person(name.title()) for name in ("alice", "bob", "charlie", "dora")}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving({"RATE_LIMITS": "off", "ADMINS": people["dora"].id}))
        api, pages = {}, {}
        for who in (*people, "nobody"):
            one = people.get(who)
            api[who] = await stack.enter_async_context(http_client(server.url, one))
            cookies = {"__session": one.token} if one else {}
            client = httpx.AsyncClient(base_url=server.url, cookies=cookies, timeout=60)
            pages[who] = await stack.enter_async_context(client)
            await client.get("/profile" if one else "/sign-in")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("django.conf.settings.ADMINISTRATORS", frozenset([people["dora"].id]))
            ids = [people["bob"].id, people["charlie"].id]
            team = await services.create_team(
                actor=people["dora"].actor, name="Design", handle=new_handle(), member_ids=ids
            )
            await services.create_team(actor=people["dora"].actor, name="Taken", handle=TAKEN)
            yield Doors(people, api, pages, team)


CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("alice", "create", {"name": "Mine", "handle": "mine.at.doors"}, "forbidden"),
    ("bob", "create", {"name": "Mine", "handle": "mine.at.doors"}, "forbidden"),
    ("nobody", "create", {"name": "Mine", "handle": "mine.at.doors"}, "unauthenticated"),
    ("dora", "create", {"name": "Mine", "handle": TAKEN.upper()}, "invalid"),
    ("dora", "create", {"name": "Mine", "handle": "everyone"}, "invalid"),
    ("dora", "create", {"name": "Mine"}, "invalid"),
    ("dora", "create", {"handle": "mine.at.doors"}, "invalid"),
    ("dora", "create", {"name": "\u200b", "handle": "mine.at.doors"}, "invalid"),
    ("dora", "create", {"name": "x" * 81, "handle": "mine.at.doors"}, "invalid"),
    ("dora", "create", {"name": "Mine", "handle": "mine.at.doors", "description": "\u202e"}, "invalid"),
    ("bob", "change", {"name": "Designers", "description": "Who draws"}, OK),
    ("dora", "change", {"name": "Design", "description": ""}, OK),
    ("bob", "change", {}, "invalid"),
    ("bob", "change", {"handle": TAKEN}, "invalid"),
    ("bob", "change", {"handle": ""}, "invalid"),
    ("charlie", "change", {"name": "Mine"}, "forbidden"),
    ("alice", "change", {"name": "Mine"}, "forbidden"),
    ("nobody", "change", {"name": "Mine"}, "unauthenticated"),
    ("bob", "add", {"userId": "$alice"}, OK),
    ("bob", "add", {"userId": "user_nobody"}, "invalid"),
    ("charlie", "add", {"userId": "$alice"}, "forbidden"),
    ("alice", "add", {"userId": "$alice"}, "forbidden"),
    ("bob", "remove", {"userId": "$charlie"}, OK),
    ("charlie", "remove", {"userId": "$charlie"}, OK),
    ("charlie", "remove", {"userId": "$bob"}, "forbidden"),
    ("alice", "remove", {"userId": "$alice"}, "forbidden"),
    ("bob", "remove", {"userId": "$alice"}, "not_found"),
    ("bob", "role", {"userId": "$charlie", "role": "manager"}, OK),
    ("bob", "role", {"userId": "$charlie", "role": "owner"}, "invalid"),
    ("bob", "role", {"userId": "$alice", "role": "manager"}, "not_found"),
    ("charlie", "role", {"userId": "$charlie", "role": "manager"}, "forbidden"),
    ("bob", "delete", {}, "forbidden"),
    ("nobody", "delete", {}, "unauthenticated"),
    ("dora", "delete", {}, OK),
    ("alice", "block", {"userId": "$bob"}, OK),
    ("alice", "unblock", {"userId": "$bob"}, OK),
    ("alice", "unblock", {"userId": "$charlie"}, "not_found"),
    ("alice", "block", {"userId": "$alice"}, "invalid"),
    ("alice", "block", {"userId": "user_nobody"}, "not_found"),
    ("nobody", "block", {"userId": "$bob"}, "unauthenticated"),
]


def _shown(case: tuple[str, str, dict[str, Any], str]) -> str:
    who, operation, data, expected = case
    # The workers of a run have other handles that are taken.
    values = repr(list(data.values())).replace(TAKEN.upper(), "TAKEN").replace(TAKEN, "taken")
    return f"{who} {operation} {sorted(data)} {values[:30]}: {expected}"


@pytest.mark.parametrize("case", CASES, ids=_shown)
async def test_both_doors_return_the_same(doors: Doors, case: tuple[str, str, dict[str, Any], str]) -> None:
    who, operation, data, expected = case
    if operation == "unblock" and expected == OK:
        await doors.by_api(who, "block", data)
    for door in (doors.by_api, doors.by_page):
        if operation not in ("block", "unblock"):
            await doors.reset()
        before = await doors.state()
        answer = await door(who, operation, data)
        assert answer in (expected, _STATUS[expected]), answer
        if expected != OK:
            assert await doors.state() == before
        if operation == "unblock" and expected == OK:
            await doors.by_api(who, "block", data)
