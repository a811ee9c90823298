"""What settings permit, over HTTP, sockets and pages; and that every process knows them at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from files.pictures import logo
from files.pictures.services import sweep_pictures
from files.resumable import begin_upload
from files.services import store_file
from foundation.errors import Forbidden, Invalid
from groups import services as groups
from tests.cast import Person
from tests.entry_points import code_of, http_client, page_entry_point
from tests.files.conftest import pieces
from tests.media import picture
from tests.serving import Server, serving
from users.roles import ADMIN, GUEST, MEMBER, OWNER, ROLES
from workspace import policies, services
from workspace.settings import (
    ADMINS,
    AUDIENCES,
    DEFAULTS,
    EVERYONE,
    INVITE_PEOPLE,
    MAKE_GROUPS,
    MEMBERS,
    NAME,
    UPLOAD_FILES,
)

from .cast import person_of

_PERMITS = {EVERYONE: set(ROLES), MEMBERS: {MEMBER, ADMIN, OWNER}, ADMINS: {ADMIN, OWNER}}


@pytest.fixture
async def admin() -> AsyncIterator[Person]:
    """An admin; the settings are as nobody has chosen before and after."""
    admin = await person_of(ADMIN)
    yield admin
    await services.change_settings(actor=admin.actor, name="", **DEFAULTS)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("audience", AUDIENCES)
async def test_a_setting_permits_what_it_says(admin: Person, audience: str, role: str) -> None:
    await services.change_settings(actor=admin.actor, make_groups=audience, upload_files=audience)
    somebody = await person_of(role)
    for act in (MAKE_GROUPS, UPLOAD_FILES):
        assert await policies.may(somebody.actor, act) == (role in _PERMITS[audience])


async def test_by_default_guests_make_no_groups_and_nobody_but_administrators_invites() -> None:
    guest, member = await person_of(GUEST), await person_of(MEMBER)
    with pytest.raises(Forbidden):
        await groups.create_group(actor=guest.actor, name="Mine")
    await groups.create_group(actor=member.actor, name="Mine")
    assert not await policies.may(member.actor, INVITE_PEOPLE)


async def test_uploads_are_refused_at_each_door(admin: Person, alice: Person, group_id: str) -> None:
    await services.change_settings(actor=admin.actor, upload_files=ADMINS)
    with pytest.raises(Forbidden):
        await store_file(actor=alice.actor, group_id=group_id, name="a", content_type=None, chunks=pieces(b"a"))
    with pytest.raises(Forbidden):
        await begin_upload(actor=alice.actor, group_id=group_id, length=1, name="a")
    # Settings are about the workspace: one's own picture is one's own.
    await services.change_settings(actor=admin.actor, upload_files=EVERYONE)
    await store_file(actor=alice.actor, group_id=group_id, name="a", content_type=None, chunks=pieces(b"a"))


@pytest.mark.parametrize("role", [GUEST, MEMBER])
async def test_only_administrators_change_settings(role: str) -> None:
    somebody = await person_of(role)
    with pytest.raises(Forbidden):
        await services.change_settings(actor=somebody.actor, name="Mine")
    with pytest.raises(Forbidden):
        await logo.set_logo(actor=somebody.actor, pieces=pieces(picture()), size=len(picture()))
    with pytest.raises(Forbidden):
        await logo.remove_logo(actor=somebody.actor)


async def test_settings_hold_in_every_process(server: Server, admin: Person, alice: Person, group_id: str) -> None:
    async with http_client(server.url, alice) as client:
        before = (await client.get("/api/workspace")).json()
        assert before == {
            "name": NAME,
            "makeGroups": MEMBERS,
            "invitePeople": ADMINS,
            "uploadFiles": EVERYONE,
            "role": MEMBER,
        }
        await services.change_settings(actor=admin.actor, name="Harbour Ltd", make_groups=ADMINS, upload_files=ADMINS)
        await until(client, "name", "Harbour Ltd")
        assert code_of(await client.post("/api/groups", json={"name": "x"})) == "forbidden"
        form: dict[str, Any] = {"data": {"groupId": group_id}, "files": {"file": ("a", b"a")}}
        assert code_of(await client.post("/api/upload", **form)) == "forbidden"
        async with page_entry_point(server.url, alice, group_id) as browser:
            page = await browser.client.get("/workspace")
            assert "<title>Workspace · Harbour Ltd</title>" in page.text
            assert 'name="makeGroups"' not in page.text
            token = {"csrfmiddlewaretoken": browser.client.cookies["csrftoken"]}
            refused = await browser.client.post("/groups", data={"name": "x", **token})
            assert refused.status_code == 403
        async with httpx.AsyncClient(base_url=server.url) as nobody:
            assert "Harbour Ltd" in (await nobody.get("/sign-in")).text


async def until(client: httpx.AsyncClient, name: str, value: str) -> None:
    """Ask until the other process has heard of a setting."""
    async with asyncio.timeout(2):
        while (await client.get("/api/workspace")).json().get(name) != value:
            pass


async def test_the_logo_is_there_for_anybody_and_the_former_one_is_gone(server: Server, admin: Person) -> None:
    first = await logo.set_logo(actor=admin.actor, pieces=pieces(picture()), size=len(picture()))
    second = await logo.set_logo(actor=admin.actor, pieces=pieces(picture(90, 60)), size=len(picture(90, 60)))
    assert first.logo_url
    assert second.logo_url
    async with httpx.AsyncClient(base_url=server.url) as nobody, http_client(server.url, admin) as client:
        await until(client, "logoUrl", second.logo_url)
        shown = await nobody.get(f"{second.logo_url}?size=48")
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        assert (await nobody.get(f"{second.logo_url}?size=1")).status_code == 400
        for address in (first.logo_url, "/api/workspace/logo/picture_none"):
            assert (await nobody.get(address)).status_code == 404
        assert second.logo_url in (await nobody.get("/sign-in")).text
        assert (await client.delete("/api/workspace/logo")).status_code == 204
        assert (await client.get("/api/workspace")).json().get("logoUrl") is None
    with pytest.raises(Invalid):
        await logo.set_logo(actor=admin.actor, pieces=pieces(b"no picture"), size=10)


async def test_a_logo_is_not_swept(admin: Person) -> None:
    current = await logo.set_logo(actor=admin.actor, pieces=pieces(picture()), size=len(picture()))
    await sweep_pictures(older_than=timedelta(seconds=-5))
    assert current.logo_id
    assert await logo.read_logo(logo_id=current.logo_id, side=48)
    await logo.remove_logo(actor=admin.actor)
