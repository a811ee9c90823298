"""The rules of a group, decided on a log in memory: who may post, invite, rename, pin and name everybody.

Alice owns the group, dora is an admin, bob is a member, charlie is outside.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Forbidden, NotFound
from groups import models
from groups.access import may
from groups.log.pending import Pending, WriteSet
from groups.models import ADMIN, MEMBER, OWNER, PUBLIC
from groups.places.proposals import ChangeGroupProposal
from groups.policy import ACTS, CHOICES, Policy, Rules, policy_of, policy_text, rules_of
from groups.proposals import AddMembersProposal, ChangeRoleProposal, JoinProposal, RemoveMemberProposal
from messaging.proposals.delete import DeleteMessageProposal
from messaging.proposals.edit import EditMessageProposal
from messaging.proposals.pin import PinProposal
from messaging.proposals.react import ReactProposal
from messaging.proposals.send import AlreadySent, SendMessageProposal
from messaging.text.mentions import Mentions
from tests.log_in_memory import LogInMemory

pytestmark = pytest.mark.unit

ROLES = {"alice": OWNER, "dora": ADMIN, "bob": MEMBER}
NAMES = {name: name.title() for name in (*ROLES, "charlie")}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> LogInMemory:
    log = LogInMemory(ROLES)
    log.replace_queries(monkeypatch)
    return log


async def change(log: LogInMemory, actor: str, **changes: Any) -> None:
    log.group = (await log.propose(ChangeGroupProposal(actor, changes))).result.group


def say(actor: str, client_id: str | None = None, **more: Any) -> SendMessageProposal:
    return SendMessageProposal(
        actor, content="ahoy", client_id=client_id, after=None, parent_seq=None, attachments=[], **more
    )


# --- the rules as an entry carries them ------------------------------------------------------------------------------
policies = st.builds(Policy, **{act: st.sampled_from(CHOICES[act]) for act in ACTS})


@given(policies, st.booleans())
def test_an_entry_carries_all_of_the_rules(policy: Policy, is_archived: bool) -> None:
    rules = Rules(policy, is_archived)
    assert rules_of(rules.as_text()) == rules
    assert policy_of(policy_text(policy)) == policy


def test_a_group_in_which_all_is_as_usual_adds_nothing_to_its_entries() -> None:
    assert Rules().as_text() is None
    assert rules_of(None) == Rules()


def test_words_of_a_later_version_are_passed_over() -> None:
    assert rules_of("archived post:managers sing:owner pin:nobody") == Rules(Policy(post="managers"), True)


@pytest.mark.parametrize(
    ("who", "permitted"),
    [("everyone", {OWNER, ADMIN, MEMBER}), ("managers", {OWNER, ADMIN}), ("owner", {OWNER})],
)
def test_who_may_post(who: str, permitted: set[str]) -> None:
    assert {role for role in ROLES.values() if may(Policy(post=who), "post", role)} == permitted


# --- what they are about ---------------------------------------------------------------------------------------------
async def test_managers_alone_post_and_edit_if_the_policy_says_so_and_everybody_reacts(log: LogInMemory) -> None:
    seq = log.message("bob")
    await change(log, "alice", policy={"post": "managers"})
    for proposal in (say("bob"), EditMessageProposal("bob", seq, content="aye", if_version=None)):
        with pytest.raises(Forbidden, match="only an owner or an admin may post"):
            await log.propose(proposal)
    await log.propose(say("dora"))
    await log.propose(ReactProposal("bob", seq, emoji="👍", action="add"))
    await change(log, "dora", policy={"post": "everyone"})
    await log.propose(say("bob"))


async def test_the_owner_alone_decides_that_the_owner_alone_posts(log: LogInMemory) -> None:
    with pytest.raises(Forbidden):
        await change(log, "dora", policy={"post": "owner"})
    await change(log, "alice", policy={"post": "owner"})
    with pytest.raises(Forbidden, match="only the owner may post"):
        await log.propose(say("dora"))
    with pytest.raises(Forbidden):
        await change(log, "dora", policy={"post": "everyone"})
    await change(log, "dora", policy={"pin": "managers", "post": "owner"})
    await log.propose(say("alice"))


async def test_a_repeated_send_gets_its_message_whatever_the_policy_is_by_now(log: LogInMemory) -> None:
    await log.propose(say("bob", "once"))
    await change(log, "alice", policy={"post": "managers"}, archived=True)
    assert (await log.propose(say("bob", "once"))).result == AlreadySent(2)


async def test_members_invite_if_the_policy_says_so(log: LogInMemory) -> None:
    add = AddMembersProposal("bob", log.group, ["charlie"], NAMES)
    with pytest.raises(Forbidden, match="only an owner or an admin may invite"):
        await log.propose(add)
    await change(log, "dora", policy={"invite": "everyone"})
    assert (await log.propose(add)).result == {"charlie": MEMBER}
    with pytest.raises(Forbidden):
        await log.propose(RemoveMemberProposal("bob", log.group, ["charlie"], NAMES))


async def test_members_rename_if_the_policy_says_so_and_change_nothing_else(log: LogInMemory) -> None:
    for changes in ({"name": "Port"}, {"topic": "Tides"}, {"description": "All ships"}):
        with pytest.raises(Forbidden):
            await change(log, "bob", **changes)
    await change(log, "alice", policy={"rename": "everyone"})
    await change(log, "bob", name="Port", topic="Tides", description="All ships")
    assert (log.group.name, log.group.topic, log.group.description) == ("Port", "Tides", "All ships")
    for more in ({"visibility": PUBLIC}, {"archived": True}, {"policy": {"pin": "managers"}}):
        with pytest.raises(Forbidden):
            await change(log, "bob", topic="Ebb", **more)


async def test_managers_alone_pin_if_the_policy_says_so(log: LogInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    seq = log.message("bob")
    await change(log, "alice", policy={"pin": "managers"})
    with pytest.raises(Forbidden, match="pin messages"):
        await log.propose(PinProposal("bob", seq, action="remove"))
    await log.propose(PinProposal("dora", seq, action="remove"))


async def test_managers_alone_name_everybody_if_the_policy_says_so(
    log: LogInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.group = replace(log.group, member_count=3)
    everybody = Mentions((), all=True)
    await log.propose(say("bob", mentions=everybody))
    await change(log, "alice", policy={"mention_all": "managers"})
    with pytest.raises(Forbidden, match="name everybody"):
        await log.propose(say("bob", mentions=everybody))
    with pytest.raises(Forbidden, match="name everybody"):
        await log.propose(say("bob", mentions=Mentions((), here=True)))
    await log.propose(say("bob"))
    await log.propose(say("dora", mentions=everybody))


# --- an archived group -----------------------------------------------------------------------------------------------
async def test_nothing_changes_in_an_archived_group_but_that_people_leave(
    log: LogInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def find_pinned(group_id: str) -> list[int]:
        return []

    monkeypatch.setattr(models, "find_pinned", find_pinned)
    seq = log.message("alice")
    await change(log, "alice", archived=True)
    for proposal in (
        say("alice"),
        EditMessageProposal("alice", seq, content="aye", if_version=None),
        DeleteMessageProposal("alice", seq),
        ReactProposal("alice", seq, emoji="👍", action="add"),
        PinProposal("alice", seq, action="add"),
        AddMembersProposal("alice", log.group, ["charlie"], NAMES),
        RemoveMemberProposal("alice", log.group, ["bob"], NAMES),
        ChangeRoleProposal("alice", log.group, "bob", ADMIN, NAMES),
        ChangeGroupProposal("alice", {"name": "Port"}),
        ChangeGroupProposal("alice", {"policy": {"pin": "managers"}}),
    ):
        with pytest.raises(Forbidden, match="archived"):
            await log.propose(proposal)
    await log.propose(RemoveMemberProposal("bob", log.group, ["bob"], NAMES))
    assert "bob" not in log.roles


async def test_an_archived_group_is_taken_back_into_use_with_the_policy_that_it_had(log: LogInMemory) -> None:
    await change(log, "alice", policy={"post": "managers"})
    await change(log, "dora", archived=True)
    with pytest.raises(Forbidden):
        await change(log, "bob", archived=False)
    await change(log, "dora", archived=False, topic="Again")
    await log.propose(say("dora"))
    with pytest.raises(Forbidden, match="may post"):
        await log.propose(say("bob"))


async def test_archiving_again_changes_nothing(log: LogInMemory) -> None:
    await change(log, "alice", archived=True)
    before = (len(log.entries), log.group.archived_at)
    await change(log, "alice", archived=True)
    await change(log, "alice", archived=False)
    await change(log, "alice", archived=False, visibility="private", name="Harbour", policy={})
    assert (before[0], len(log.entries)) == (2, 3)
    assert before[1]


async def test_who_is_outside_learns_nothing_of_the_rules(log: LogInMemory) -> None:
    await change(log, "alice", archived=True, policy={"post": "owner"})
    for proposal in (say("charlie"), ChangeGroupProposal("charlie", {"archived": False})):
        with pytest.raises(NotFound):
            await log.propose(proposal)


async def test_only_a_public_group_in_use_is_joined(log: LogInMemory) -> None:
    for changes in ({}, {"visibility": PUBLIC, "archived": True}):
        if changes:
            await change(log, "alice", **changes)
        with pytest.raises(NotFound):
            await log.propose(JoinProposal("charlie", log.group, "Charlie"))
    await change(log, "alice", archived=False)
    assert (await log.propose(JoinProposal("charlie", log.group, "Charlie"))).result == {"charlie": MEMBER}
    assert (await log.propose(JoinProposal("charlie", log.group, "Charlie"))).result == {}


# --- the log carries them --------------------------------------------------------------------------------------------
async def test_a_restarted_process_knows_the_rules_from_the_last_entry_alone(log: LogInMemory) -> None:
    await change(log, "alice", policy={"post": "managers"})
    await log.propose(say("alice"))
    log.restart()
    with pytest.raises(Forbidden):
        await log.propose(say("bob"))
    assert log.entries[-1].rules == "post:managers"


def test_a_change_of_the_rules_shares_a_write_with_nothing(log: LogInMemory) -> None:
    rules, sent = Pending(ChangeGroupProposal("alice", {"archived": True}), None), Pending(say("bob"), None)  # type: ignore[arg-type]
    writes = WriteSet()
    writes._reads |= sent.reads
    assert writes.overlaps(rules)
