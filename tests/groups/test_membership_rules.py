"""The rules of membership, decided on a log in memory: who may bring in, take out, change a role, rename.

Alice owns the group, dora and erin are admins, bob and frank are members, charlie is outside.
"""

from typing import Any

import pytest

from foundation.errors import Forbidden, Invalid, NotFound
from groups.models import ADMIN, DIRECT, MEMBER, OWNER
from groups.proposals import AddMembersProposal, ChangeRoleProposal, RemoveMemberProposal, RenameGroupProposal
from tests.log_in_memory import LogInMemory

pytestmark = pytest.mark.unit

ROLES = {"alice": OWNER, "dora": ADMIN, "erin": ADMIN, "bob": MEMBER, "frank": MEMBER}
NAMES = {name: name.title() for name in (*ROLES, "charlie")}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> LogInMemory:
    log = LogInMemory(ROLES)
    log.answer_reads(monkeypatch)
    return log


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> LogInMemory:
    """A conversation between two."""
    log = LogInMemory({"alice": OWNER, "bob": MEMBER}, kind=DIRECT)
    log.answer_reads(monkeypatch)
    return log


async def add(log: LogInMemory, who: str, *user_ids: str) -> Any:
    return (await log.propose(AddMembersProposal(who, log.group, user_ids, NAMES))).result


async def remove(log: LogInMemory, who: str, user_id: str) -> Any:
    return (await log.propose(RemoveMemberProposal(who, log.group, [user_id], NAMES))).result


async def make(log: LogInMemory, who: str, user_id: str, role: str) -> Any:
    return (await log.propose(ChangeRoleProposal(who, log.group, user_id, role, NAMES))).result


# --- bringing in -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["alice", "dora"])
async def test_a_manager_brings_in_a_member_who_may_then_do_what_members_do(log: LogInMemory, who: str) -> None:
    assert await add(log, who, "charlie") == {"charlie": MEMBER}
    assert await remove(log, "charlie", "charlie") == {"charlie": None}


async def test_a_member_brings_in_nobody(log: LogInMemory) -> None:
    with pytest.raises(Forbidden):
        await add(log, "bob", "charlie")


async def test_whoever_is_outside_brings_in_nobody_and_learns_nothing(log: LogInMemory) -> None:
    with pytest.raises(NotFound):
        await add(log, "charlie", "charlie")


async def test_who_is_in_already_keeps_their_role(log: LogInMemory) -> None:
    assert await add(log, "alice", "dora", "charlie", "charlie") == {"charlie": MEMBER}
    assert log.roles["dora"] == ADMIN


async def test_bringing_in_only_members_appends_nothing(log: LogInMemory) -> None:
    before = len(log.entries)
    assert await add(log, "alice", "bob") == {}
    assert len(log.entries) == before


# --- taking out ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "user_id"), [("alice", "bob"), ("alice", "dora"), ("dora", "bob")])
async def test_a_manager_takes_out_those_of_lower_rank(log: LogInMemory, who: str, user_id: str) -> None:
    assert await remove(log, who, user_id) == {user_id: None}
    assert user_id not in log.roles


@pytest.mark.parametrize(
    ("who", "user_id"),
    [("dora", "erin"), ("dora", "alice"), ("bob", "frank"), ("bob", "alice"), ("bob", "charlie")],
    ids=["an admin an admin", "an admin the owner", "a member a member", "a member the owner", "a member a stranger"],
)
async def test_nobody_takes_out_those_of_their_rank_or_above(log: LogInMemory, who: str, user_id: str) -> None:
    with pytest.raises(Forbidden):
        await remove(log, who, user_id)


@pytest.mark.parametrize("who", ["bob", "dora"])
async def test_members_and_admins_leave_as_they_like_and_are_then_outside(log: LogInMemory, who: str) -> None:
    await remove(log, who, who)
    with pytest.raises(NotFound):
        await remove(log, who, who)


async def test_the_owner_may_not_leave(log: LogInMemory) -> None:
    with pytest.raises(Forbidden):
        await remove(log, "alice", "alice")


async def test_who_is_not_in_cannot_be_taken_out(log: LogInMemory) -> None:
    with pytest.raises(NotFound):
        await remove(log, "alice", "charlie")


# --- roles -----------------------------------------------------------------------------------------------------------
async def test_the_owner_makes_admins_and_members(log: LogInMemory) -> None:
    assert await make(log, "alice", "bob", ADMIN) == {"bob": ADMIN}
    assert await make(log, "alice", "dora", MEMBER) == {"dora": MEMBER}


async def test_a_new_owner_makes_the_old_one_an_admin_so_that_there_is_always_one(log: LogInMemory) -> None:
    assert await make(log, "alice", "bob", OWNER) == {"bob": OWNER, "alice": ADMIN}
    assert [user_id for user_id, role in log.roles.items() if role == OWNER] == ["bob"]


@pytest.mark.parametrize("who", ["dora", "bob"])
async def test_only_the_owner_changes_roles(log: LogInMemory, who: str) -> None:
    with pytest.raises(Forbidden):
        await make(log, who, who, OWNER)


async def test_the_owner_cannot_just_step_down(log: LogInMemory) -> None:
    with pytest.raises(Invalid):
        await make(log, "alice", "alice", MEMBER)


async def test_who_is_not_in_has_no_role_to_change(log: LogInMemory) -> None:
    with pytest.raises(NotFound):
        await make(log, "alice", "charlie", ADMIN)


async def test_the_role_that_someone_has_already_appends_nothing(log: LogInMemory) -> None:
    before = len(log.entries)
    assert await make(log, "alice", "dora", ADMIN) == {"dora": ADMIN}
    assert len(log.entries) == before


def test_two_changes_to_one_member_never_share_a_write(log: LogInMemory) -> None:
    promotes = ChangeRoleProposal("alice", log.group, "bob", ADMIN, NAMES)
    assert promotes.writes & RemoveMemberProposal("dora", log.group, ["bob"], NAMES).writes


# --- the name, and direct conversations ------------------------------------------------------------------------------
async def test_managers_rename_the_group_and_members_do_not(log: LogInMemory) -> None:
    assert (await log.propose(RenameGroupProposal("dora", log.group, "Port"))).result.name == "Port"
    with pytest.raises(Forbidden):
        await log.propose(RenameGroupProposal("bob", log.group, "Port"))


async def test_a_direct_conversation_stays_between_its_two_and_has_no_name(direct: LogInMemory) -> None:
    with pytest.raises(Invalid):
        await add(direct, "alice", "charlie")
    with pytest.raises(Invalid):
        await remove(direct, "alice", "bob")
    with pytest.raises(Invalid):
        await direct.propose(RenameGroupProposal("alice", direct.group, "Us"))
