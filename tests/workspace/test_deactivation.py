"""Who is deactivated is out everywhere within two seconds, what they wrote stays, and who comes back finds it."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.errors import Deactivated, Forbidden, Invalid, NotFound, TokenExpired
from groups import asked, asking, memberships
from groups import selectors as group_selectors
from groups import services as groups
from groups.own_settings.services import change_own_settings
from messaging import selectors as messages
from messaging.drafts.services import write_draft
from messaging.mentionable import list_mentionable
from messaging.services import send_message
from messaging.threads import rows as threads
from messaging.threads.services import set_following
from tests.cast import Person
from tests.entry_points import http_client
from tests.serving import Server, serving
from tests.socket_client import connected
from tests.wire_client import connected_by
from users import profiles, standings, user_cache
from users import selectors as users
from users.own_rows import list_own_rows
from users.revoked import revoked_sessions
from users.roles import ADMIN, GUEST, MEMBER, OWNER, ROLES
from users.services import sign_in, sign_in_locally, update_profile
from users.user import User
from workspace import selectors, services
from workspace.services import REMOVED_NAME

from .cast import again, person_of, the_owner

WITHIN = 2.0


@pytest.fixture
async def owner() -> Person:
    return await the_owner()


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def found(name: str) -> list[str]:
    return [user.id for user in (await users.find_among_all(query=name, limit=50)).users]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("by", ROLES)
async def test_somebody_is_deactivated_from_above_alone(owner: Person, by: str, role: str) -> None:
    actor, somebody = await person_of(by), await person_of(role)
    if by == OWNER or (by == ADMIN and role in (GUEST, MEMBER)):
        assert (await services.deactivate(actor=actor.actor, user_id=somebody.id)).is_deactivated
        assert not (await services.reactivate(actor=actor.actor, user_id=somebody.id)).is_deactivated
        assert (await users.get_user(user_id=somebody.id)).role == role
    else:
        for act in (services.deactivate, services.reactivate, services.remove_personal_data):
            with pytest.raises(Forbidden):
                await act(actor=actor.actor, user_id=somebody.id)
        await again(somebody)


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_deactivates_themselves(owner: Person, role: str) -> None:
    somebody = await person_of(role)
    with pytest.raises(Forbidden):
        await services.deactivate(actor=somebody.actor, user_id=somebody.id)


async def test_everything_of_theirs_ends_in_every_process(
    server: Server, owner: Person, alice: Person, bob: Person, group_id: str
) -> None:
    async with (
        serving({}) as other,
        connected(server.url, bob) as socket,
        connected_by("ws", other.url, bob) as plain,
        http_client(other.url, bob) as client,
    ):
        assert (await client.get("/api/users/me")).status_code == 200
        start = time.monotonic()
        await services.deactivate(actor=owner.actor, user_id=bob.id)
        for connection in (socket, plain):
            assert (await connection.wait_for("error"))["code"] == "deactivated"
        await socket.wait_for("disconnect")
        assert time.monotonic() - start < WITHIN
        for path in ("/api/users/me", f"/api/messages?groupId={group_id}", "/api/users"):
            refused = await client.get(path)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "deactivated")
        assert (await client.post("/api/messages", json={"groupId": group_id, "content": "x"})).status_code == 403


async def test_sign_in_is_refused_for_as_long_as_they_are_out(
    owner: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.deactivate(actor=owner.actor, user_id=bob.id)
    for _ in range(2):
        with pytest.raises(Deactivated):
            await sign_in_locally(name=bob.actor.name)
        with pytest.raises(Deactivated):
            await sign_in(token=bob.token)
        # What Redis knew is over, or lost, and this process forgets.
        monkeypatch.setattr(revoked_sessions(), "_known", {})
        user_cache.clear()


async def test_they_leave_the_directory_and_the_completion_and_cannot_be_added(
    owner: Person, alice: Person, bob: Person, group_id: str
) -> None:
    assert bob.id in await found(bob.actor.name)
    await services.deactivate(actor=owner.actor, user_id=bob.id)
    assert bob.id not in await found(bob.actor.name)
    named = await list_mentionable(actor=alice.actor, group_id=group_id, query=bob.actor.name)
    assert named["users"] == []
    group = await groups.create_group(actor=alice.actor, name="Other")
    with pytest.raises(Invalid):
        await groups.add_members(actor=alice.actor, group_id=group.id, user_ids=[bob.id])
    assert (await users.get_user(user_id=bob.id)).as_wire()["deactivated"] is True


async def test_what_they_wrote_stays_and_who_comes_back_finds_it(
    owner: Person, alice: Person, bob: Person, group_id: str
) -> None:
    sent = await send_message(actor=bob.actor, group_id=group_id, content="mine")
    await update_profile(actor=bob.actor, handle=f"bob-{bob.id[-8:]}".lower())
    await services.deactivate(actor=owner.actor, user_id=bob.id)
    shown = await messages.get_message(actor=alice.actor, message_id=sent["message"]["id"])
    assert (shown["userId"], shown["content"]) == (bob.id, "mine")
    await services.reactivate(actor=owner.actor, user_id=bob.id)
    # Nothing from before: not a token that was kept elsewhere either.
    with pytest.raises(TokenExpired):
        await sign_in(token=bob.token)
    # A token of the second in which they were deactivated is none of later.
    await asyncio.sleep(max(0.0, (await users.get_user(user_id=bob.id)).tokens_from - time.time()))
    fresh = await sign_in(token=await sign_in_locally(name=bob.actor.name))
    assert group_id in await group_selectors.list_group_ids(user_id=fresh.user_id)
    await send_message(actor=fresh, group_id=group_id, content="again")
    assert bob.id in await found(bob.actor.name)
    assert bob.id in await found(f"bob-{bob.id[-8:]}".lower())


async def test_deactivating_twice_and_an_owner_who_comes_back(owner: Person) -> None:
    other = await person_of(OWNER)
    for _ in range(2):
        await services.deactivate(actor=owner.actor, user_id=other.id)
    for _ in range(2):
        await services.reactivate(actor=owner.actor, user_id=other.id)
    assert (await users.get_user(user_id=other.id)).role == OWNER


async def test_the_last_owner_cannot_be_deactivated(owner: Person) -> None:
    other = await person_of(OWNER)
    await services.deactivate(actor=owner.actor, user_id=other.id)
    # Whoever was an owner a moment ago, in a request that was under way.
    with pytest.raises(Forbidden):
        await services.deactivate(actor=other.actor, user_id=owner.id)


async def test_administrators_list_who_is_out(owner: Person, alice: Person, bob: Person) -> None:
    await services.deactivate(actor=owner.actor, user_id=bob.id)
    listed: list[str] = []
    cursor = None
    while True:
        page = await selectors.list_deactivated(actor=owner.actor, limit=3, cursor=cursor)
        listed += [user.id for user in page.users]
        if page.next_cursor is None:
            break
        from foundation.cursors import decode_cursor

        cursor = decode_cursor(page.next_cursor, 1)
    assert bob.id in listed
    assert alice.id not in listed
    with pytest.raises(Forbidden):
        await selectors.list_deactivated(actor=alice.actor)


async def test_of_whom_is_removed_nothing_is_left_but_what_they_wrote(
    owner: Person, alice: Person, bob: Person, group_id: str
) -> None:
    handle = f"b{bob.id[-10:]}".lower()
    await update_profile(actor=bob.actor, handle=handle, title="Sailor")
    await write_draft(actor=bob.actor, group_id=group_id, content="not yet")
    sent = await send_message(actor=bob.actor, group_id=group_id, content="mine")
    with pytest.raises(Invalid):
        await services.remove_personal_data(actor=owner.actor, user_id=bob.id)
    await services.deactivate(actor=owner.actor, user_id=bob.id)
    for _ in range(2):
        await services.remove_personal_data(actor=owner.actor, user_id=bob.id)
    user = await users.get_user(user_id=bob.id)
    wire = user.as_wire()
    assert wire == {"id": bob.id, "name": REMOVED_NAME, "createdAt": user.created_at, "deactivated": True}
    assert not await list_own_rows(bob.id, "draft#")
    assert (await messages.get_message(actor=alice.actor, message_id=sent["message"]["id"]))["content"] == "mine"
    assert bob.id not in await found(REMOVED_NAME)
    assert bob.id not in [user.id for user in (await selectors.list_deactivated(actor=owner.actor, limit=100)).users]
    with pytest.raises(NotFound):
        await services.reactivate(actor=owner.actor, user_id=bob.id)
    # The handle is kept from others for a while, as one that was given up.
    with pytest.raises(Invalid):
        await update_profile(actor=alice.actor, handle=handle)


async def test_what_a_removed_person_had_of_groups_goes_too(
    owner: Person, alice: Person, bob: Person, group_id: str
) -> None:
    other = await groups.create_group(actor=alice.actor, name="Another")
    await change_own_settings(actor=bob.actor, group_id=group_id, level="all", muted=True, favourite=True)
    sent = await send_message(actor=alice.actor, group_id=group_id, content="who follows this?")
    await set_following(actor=bob.actor, message_id=sent["message"]["id"], following=True)
    await asked.ask(other.id, [bob.id], asked_by=alice.id)
    seq = sent["message"]["seq"]
    assert await threads.find_followers(group_id, seq, [bob.id]) == {bob.id}
    await services.deactivate(actor=owner.actor, user_id=bob.id)
    for _ in range(2):
        await services.remove_personal_data(actor=owner.actor, user_id=bob.id)
    rows, _ = await memberships.list_own_rows(bob.id, after=None, limit=10)
    (row,) = [row for row in rows if row.item.endswith(group_id)]
    assert not any((row.level, row.muted, row.favourite))
    assert await threads.list_own(bob.id, group_id) == {}
    assert await threads.list_keys(group_id, seq) == []
    assert await asked.list_asked(bob.id) == []
    assert (await asking.list_asked_by(other.id, after=None, limit=10))[0] == []


async def test_who_is_reactivated_meanwhile_is_not_removed(
    owner: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.deactivate(actor=owner.actor, user_id=bob.id)
    remove = profiles.remove

    async def reactivated_first(*args: Any, **kwargs: Any) -> User | None:
        await services.reactivate(actor=owner.actor, user_id=bob.id)
        return await remove(*args, **kwargs)

    monkeypatch.setattr(profiles, "remove", reactivated_first)
    with pytest.raises(Invalid):
        await services.remove_personal_data(actor=owner.actor, user_id=bob.id)
    user = await users.get_user(user_id=bob.id)
    assert (user.name, user.is_active) == (bob.actor.name, True)


async def test_who_is_removed_is_no_owner(owner: Person) -> None:
    other = await person_of(OWNER)
    await services.deactivate(actor=owner.actor, user_id=other.id)

    def note() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            standings.note_owner(transaction, other.id)

    # As it was left by a removal that met a reactivation.
    await store.call(note)
    await services.remove_personal_data(actor=owner.actor, user_id=other.id)
    assert other.id not in await standings.find_owners()


async def test_a_role_that_changes_holds_on_a_socket_at_once(
    server: Server, owner: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    async with connected(server.url, bob) as socket:
        await services.change_role(actor=owner.actor, user_id=bob.id, role=GUEST)
        update = await socket.wait_for("user_update")
        assert (update["kind"], update["user"]["role"]) == ("profile", GUEST)
        start = time.monotonic()
        # They may name in a text whom they see, and nobody else.
        data = {"groupId": group_id, "content": f"<@{charlie.id}>"}
        while (await socket.send("message", data))["ok"]:
            assert time.monotonic() - start < WITHIN
