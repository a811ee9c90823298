"""An owner alone deletes a group: its members are told and removed, and nothing of it is left in any store."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from dynamodb import store as dynamodb
from files import services as files
from files import storage
from foundation import finishing, tasks
from foundation.errors import Forbidden, Invalid, NotFound, Unavailable
from groups import erasing, mark_rows, memberships, models
from groups import selectors as group_selectors
from groups import services as groups
from groups.log import queries
from groups.read_mark import ReadMark
from groups.rows import GroupRow
from messaging import group_deletion, services
from messaging.group_deletion import delete_group, erase_deleted_groups
from tests.cast import Person, person
from tests.entry_points import code_of, http_client
from tests.files.conftest import store
from tests.serving import Server, serving
from tests.socket_client import connected


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def erased() -> None:
    """Wait for what deletions have left to the background."""
    await asyncio.gather(*tasks._running)


async def fill(alice: Person, group_id: str) -> None:
    file = await store(alice, group_id)
    sent = await services.send_message(actor=alice.actor, group_id=group_id, content="x", attachments=[file.id])
    for n in range(30):
        await services.send_message(
            actor=alice.actor, group_id=group_id, content=f"reply {n}", parent_id=sent["message"]["id"]
        )
    await store(alice, group_id, b"never sent")


async def rows_of(group_id: str) -> list[str]:
    def query() -> list[str]:
        return [row.item for row in GroupRow.query(group_id, consistent_read=True)]

    rows: list[str] = await dynamodb.call(query)
    return rows


async def assert_gone(group_id: str, *people: Person) -> None:
    assert await queries.last_entry(group_id) is None
    assert set(await rows_of(group_id)) <= {"creation"}
    assert await storage.files().count_documents({"metadata.groupId": group_id}) == 0
    assert group_id not in await models.find_deletions()
    for member in people:
        assert group_id not in await group_selectors.list_group_ids(user_id=member.id)
        own, _ = await memberships.list_own_rows(member.id, after=None, limit=50)
        assert group_id not in map(memberships.group_id_of, own)
        assert await mark_rows.find_read_mark(group_id, member.id) == ReadMark()


async def test_nothing_is_left(alice: Person, bob: Person, group_id: str) -> None:
    await fill(alice, group_id)
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=5)
    await group_selectors.list_groups(actor=alice.actor)
    await delete_group(actor=alice.actor, group_id=group_id)
    for member in (alice, bob):
        with pytest.raises(NotFound):
            await group_selectors.get_group(actor=member.actor, group_id=group_id)
    await erased()
    await assert_gone(group_id, alice, bob)
    with pytest.raises(NotFound):
        await delete_group(actor=alice.actor, group_id=group_id)


async def test_a_group_of_more_than_a_write_takes_is_deleted(alice: Person) -> None:
    people = [await person(f"Member {n}") for n in range(40)]
    group = await groups.create_group(actor=alice.actor, name="Crowd", member_ids=[one.id for one in people])
    await delete_group(actor=alice.actor, group_id=group.id)
    await erased()
    await assert_gone(group.id, alice, *people)


async def test_only_the_owner_may_and_no_direct_conversation(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="admin")
    with pytest.raises(Forbidden):
        await delete_group(actor=bob.actor, group_id=group_id)
    with pytest.raises(NotFound):
        await delete_group(actor=charlie.actor, group_id=group_id)
    direct = await groups.create_direct(actor=alice.actor, user_id=bob.id)
    with pytest.raises((Invalid, Forbidden)):
        await delete_group(actor=alice.actor, group_id=direct.id)
    assert {row for row in await rows_of(group_id) if row.startswith("member#")} == {
        f"member#{alice.id}",
        f"member#{bob.id}",
    }


async def test_who_had_left_does_not_come_back(alice: Person, bob: Person, group_id: str) -> None:
    await groups.leave_group(actor=bob.actor, group_id=group_id)
    with pytest.raises(Forbidden):
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    await delete_group(actor=alice.actor, group_id=group_id)
    with pytest.raises(NotFound):
        await groups.rejoin_group(actor=bob.actor, group_id=group_id)
    await erased()
    await assert_gone(group_id, alice, bob)


async def test_a_late_retry_of_its_creation_does_not_bring_it_back(alice: Person) -> None:
    group = await groups.create_group(actor=alice.actor, name="Quay", client_id="mine")
    await delete_group(actor=alice.actor, group_id=group.id)
    await erased()
    with pytest.raises(NotFound):
        await groups.create_group(actor=alice.actor, name="Quay", client_id="mine")


async def test_what_a_dead_process_left_is_erased(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(alice, group_id)
    monkeypatch.setattr(group_deletion, "create_background_task", lambda task: task.close())
    await delete_group(actor=alice.actor, group_id=group_id)
    assert group_id in await models.find_deletions()
    assert await erase_deleted_groups() >= 1
    await assert_gone(group_id, alice)


async def test_one_that_cannot_be_erased_does_not_keep_the_others(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await groups.create_group(actor=alice.actor, name="Quay")
    monkeypatch.setattr(group_deletion, "create_background_task", lambda task: task.close())
    for deleted in (group_id, other.id):
        await delete_group(actor=alice.actor, group_id=deleted)
    erase, stuck = erasing.erase_group, min(group_id, other.id)

    async def erase_but_one(group_id: str, forget_user: erasing.ForgetUser) -> None:
        if group_id == stuck:
            raise Unavailable
        await erase(group_id, forget_user)

    monkeypatch.setattr(group_deletion, "erase_group", erase_but_one)
    with pytest.raises(Unavailable):
        await erase_deleted_groups()
    left = await models.find_deletions()
    assert stuck in left
    assert max(group_id, other.id) not in left


async def test_files_are_deleted_once_their_store_is_back(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "_BASE", 0)
    await fill(alice, group_id)
    discard, failures = files.discard_group_files, iter([Unavailable])

    async def failing_once(*, group_id: str) -> None:
        if failure := next(failures, None):
            raise failure
        await discard(group_id=group_id)

    monkeypatch.setattr(files, "discard_group_files", failing_once)
    await delete_group(actor=alice.actor, group_id=group_id)
    await erased()
    await erased()
    await assert_gone(group_id, alice)


def is_gone(who: Person) -> Callable[[dict[str, Any]], bool]:
    return lambda data: [(member["userId"], member["role"]) for member in data["members"]] == [(who.id, None)]


async def test_members_are_told_and_hear_nothing_more(server: Server) -> None:
    alice, bob = await person("Alice"), await person("Bob")
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    async with (
        connected(server.url, alice) as one,
        connected(server.url, bob) as other,
        http_client(server.url, alice) as http,
        http_client(server.url, bob) as stranger,
    ):
        assert code_of(await stranger.delete(f"/api/groups/{group.id}")) == "forbidden"
        assert (await http.delete(f"/api/groups/{group.id}")).status_code == 204
        for client, who in ((other, bob), (one, alice)):
            await client.wait_for("member_update", is_gone(who))
        for client in (one, other):
            refused = await client.send("message", {"groupId": group.id, "content": "still there?"})
            assert refused["error"]["code"] == "not_found"
        assert (await http.get("/api/groups")).json()["groups"] == []
        assert code_of(await http.delete(f"/api/groups/{group.id}")) == "not_found"
