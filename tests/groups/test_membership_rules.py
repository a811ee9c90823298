"""The rules of membership, decided on a log in memory: adding, removing, changing roles, renaming.

Alice owns the group, dora and erin are admins, bob and frank are members, charlie is outside.
"""

from typing import Any

import pytest

from foundation.errors import Forbidden, Invalid, NotFound
from groups.left import HasLeft
from groups.models import ADMIN, DIRECT, MEMBER, OWNER
from groups.places.proposals import ChangeGroupProposal
from groups.proposals import AddMembersProposal, ChangeRoleProposal, RejoinProposal, RemoveMemberProposal
from tests.log_in_memory import LogInMemory

pytestmark = pytest.mark.unit

ROLES = {"alice": OWNER, "dora": ADMIN, "erin": ADMIN, "bob": MEMBER, "frank": MEMBER}
NAMES = {name: name.title() for name in (*ROLES, "charlie")}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> LogInMemory:
    log = LogInMemory(ROLES)
    log.replace_queries(monkeypatch)
    return log


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> LogInMemory:
    """A conversation between two."""
    log = LogInMemory({"alice": OWNER, "bob": MEMBER}, kind=DIRECT)
    log.replace_queries(monkeypatch)
    return log


async def add(log: LogInMemory, actor: str, *user_ids: str) -> Any:
    return (await log.propose(AddMembersProposal(actor, log.group, user_ids, NAMES))).result


async def remove(log: LogInMemory, actor: str, user_id: str) -> Any:
    return (await log.propose(RemoveMemberProposal(actor, log.group, [user_id], NAMES))).result


async def rejoin(log: LogInMemory, actor: str) -> Any:
    return (await log.propose(RejoinProposal(actor, log.group, NAMES[actor]))).result


async def change_role(log: LogInMemory, actor: str, user_id: str, role: str) -> Any:
    return (await log.propose(ChangeRoleProposal(actor, log.group, user_id, role, NAMES))).result


# --- adding ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("actor", ["alice", "dora"])
async def test_a_manager_adds_a_member_with_the_rights_of_members(log: LogInMemory, actor: str) -> None:
    assert await add(log, actor, "charlie") == {"charlie": MEMBER}
    assert await remove(log, "charlie", "charlie") == {"charlie": None}


async def test_a_member_may_not_add_anyone(log: LogInMemory) -> None:
    with pytest.raises(Forbidden):
        await add(log, "bob", "charlie")


async def test_an_outsider_may_not_add_anyone_and_learns_nothing(log: LogInMemory) -> None:
    with pytest.raises(NotFound):
        await add(log, "charlie", "charlie")


async def test_a_member_that_is_added_again_keeps_their_role(log: LogInMemory) -> None:
    assert await add(log, "alice", "dora", "charlie", "charlie") == {"charlie": MEMBER}
    assert log.roles["dora"] == ADMIN


async def test_adding_only_members_appends_nothing(log: LogInMemory) -> None:
    before = len(log.entries)
    assert await add(log, "alice", "bob") == {}
    assert len(log.entries) == before


async def test_who_has_left_is_not_put_back_and_nobody_else_is_added_with_them(log: LogInMemory) -> None:
    await remove(log, "bob", "bob")
    for actor in ("alice", "dora"):
        with pytest.raises(HasLeft) as raised:
            await add(log, actor, "charlie", "bob")
        assert raised.value.user_ids == ["bob"]
        assert "Bob has left" in str(raised.value.fields)
    assert not {"bob", "charlie"} & set(log.roles)


async def test_who_was_removed_by_somebody_may_be_put_back(log: LogInMemory) -> None:
    await remove(log, "alice", "bob")
    assert await add(log, "alice", "bob") == {"bob": MEMBER}


async def test_who_has_left_comes_back_when_asked_and_can_leave_again(log: LogInMemory) -> None:
    await remove(log, "dora", "dora")
    with pytest.raises(NotFound):
        await rejoin(log, "dora")
    log.asked.add("dora")
    # Once an admin, now a member.
    assert await rejoin(log, "dora") == {"dora": MEMBER}
    assert await rejoin(log, "dora") == {}
    await remove(log, "dora", "dora")
    with pytest.raises(HasLeft):
        await add(log, "alice", "dora")


@pytest.mark.parametrize("outsider", ["charlie", "bob"])
async def test_nobody_else_comes_back(log: LogInMemory, outsider: str) -> None:
    if outsider == "bob":
        log.asked.add(outsider)
        await remove(log, "alice", "bob")
    with pytest.raises(NotFound):
        await rejoin(log, outsider)


async def test_who_never_was_a_member_joins_when_asked(log: LogInMemory) -> None:
    log.asked.add("charlie")
    assert await rejoin(log, "charlie") == {"charlie": MEMBER}


# --- removing --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("actor", "user_id"), [("alice", "bob"), ("alice", "dora"), ("dora", "bob")])
async def test_a_manager_removes_members_of_lower_rank(log: LogInMemory, actor: str, user_id: str) -> None:
    assert await remove(log, actor, user_id) == {user_id: None}
    assert user_id not in log.roles


@pytest.mark.parametrize(
    ("actor", "user_id"),
    [("dora", "erin"), ("dora", "alice"), ("bob", "frank"), ("bob", "alice"), ("bob", "charlie")],
    ids=["an admin an admin", "an admin the owner", "a member a member", "a member the owner", "a member a stranger"],
)
async def test_nobody_removes_members_of_their_own_rank_or_above(log: LogInMemory, actor: str, user_id: str) -> None:
    with pytest.raises(Forbidden):
        await remove(log, actor, user_id)


@pytest.mark.parametrize("actor", ["bob", "dora"])
async def test_members_and_admins_may_leave_and_are_then_outsiders(log: LogInMemory, actor: str) -> None:
    await remove(log, actor, actor)
    with pytest.raises(NotFound):
        await remove(log, actor, actor)


async def test_the_owner_may_not_leave(log: LogInMemory) -> None:
    with pytest.raises(Forbidden):
        await remove(log, "alice", "alice")


async def test_an_outsider_cannot_be_removed(log: LogInMemory) -> None:
    with pytest.raises(NotFound):
        await remove(log, "alice", "charlie")


# --- roles -----------------------------------------------------------------------------------------------------------
async def test_the_owner_makes_admins_and_members(log: LogInMemory) -> None:
    assert await change_role(log, "alice", "bob", ADMIN) == {"bob": ADMIN}
    assert await change_role(log, "alice", "dora", MEMBER) == {"dora": MEMBER}


async def test_a_new_owner_makes_the_old_one_an_admin_so_that_there_is_always_one(log: LogInMemory) -> None:
    assert await change_role(log, "alice", "bob", OWNER) == {"bob": OWNER, "alice": ADMIN}
    assert [user_id for user_id, role in log.roles.items() if role == OWNER] == ["bob"]


@pytest.mark.parametrize("actor", ["dora", "bob"])
async def test_only_the_owner_changes_roles(log: LogInMemory, actor: str) -> None:
    with pytest.raises(Forbidden):
        await change_role(log, actor, actor, OWNER)


async def test_the_owner_cannot_change_their_own_role(log: LogInMemory) -> None:
    with pytest.raises(Invalid):
        await change_role(log, "alice", "alice", MEMBER)


async def test_an_outsider_has_no_role_to_change(log: LogInMemory) -> None:
    with pytest.raises(NotFound):
        await change_role(log, "alice", "charlie", ADMIN)


async def test_giving_a_member_the_same_role_appends_nothing(log: LogInMemory) -> None:
    before = len(log.entries)
    assert await change_role(log, "alice", "dora", ADMIN) == {}
    assert len(log.entries) == before


def test_two_changes_to_one_member_never_share_a_write(log: LogInMemory) -> None:
    promotes = ChangeRoleProposal("alice", log.group, "bob", ADMIN, NAMES)
    assert promotes.writes & RemoveMemberProposal("dora", log.group, ["bob"], NAMES).writes


# --- the name, and direct conversations ------------------------------------------------------------------------------
async def test_managers_rename_the_group_and_members_do_not(log: LogInMemory) -> None:
    assert (await log.propose(ChangeGroupProposal("dora", {"name": "Port"}))).result.group.name == "Port"
    with pytest.raises(Forbidden):
        await log.propose(ChangeGroupProposal("bob", {"name": "Port"}))


async def test_a_direct_conversation_stays_between_its_two_and_has_no_name(direct: LogInMemory) -> None:
    with pytest.raises(Invalid):
        await add(direct, "alice", "charlie")
    with pytest.raises(Invalid):
        await remove(direct, "alice", "bob")
    with pytest.raises(Invalid):
        await direct.propose(ChangeGroupProposal("alice", {"name": "Us"}))
