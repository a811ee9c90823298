"""The rules of sending, editing, deleting and reacting, decided on a log in memory.

Alice owns the group, dora is an admin, bob is a member, charlie is outside.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings

from foundation.errors import Forbidden, Gone, Invalid, NotFound, VersionConflict
from groups.models import ADMIN, MEMBER, OWNER
from messaging.models import reaction_element
from messaging.proposals.delete import DeleteMessageProposal
from messaging.proposals.edit import EditMessageProposal
from messaging.proposals.react import ReactProposal
from messaging.proposals.send import AlreadySent, SendMessageProposal
from tests.log_in_memory import GROUP_ID, LogInMemory

pytestmark = pytest.mark.unit

FILE = {"id": "file_1", "name": "map.png"}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> LogInMemory:
    log = LogInMemory({"alice": OWNER, "dora": ADMIN, "bob": MEMBER})
    log.replace_queries(monkeypatch)
    return log


def send(
    actor: str,
    content: str = "ahoy",
    *,
    client_id: str | None = None,
    after: int | None = None,
    reply_to: int | None = None,
    files: Sequence[dict[str, Any]] = (),
) -> SendMessageProposal:
    return SendMessageProposal(
        actor, content=content, client_id=client_id, after=after, parent_seq=reply_to, attachments=files
    )


def edit(actor: str, seq: int, content: str = "changed", if_version: int | None = None) -> EditMessageProposal:
    return EditMessageProposal(actor, seq, content=content, if_version=if_version)


def react(actor: str, seq: int, emoji: str = "👍", action: str = "add") -> ReactProposal:
    return ReactProposal(actor, seq, emoji=emoji, action=action)


# --- sending ---------------------------------------------------------------------------------------------------------
async def test_a_message_takes_the_next_place_in_the_log_and_counts(log: LogInMemory) -> None:
    first = (await log.propose(send("bob", "one"))).appended
    second = (await log.propose(send("alice", "two"))).appended
    assert first
    assert second
    assert (second.seq, second.message_count) == (first.seq + 1, first.message_count + 1)


async def test_messages_of_one_write_follow_each_other(log: LogInMemory) -> None:
    outcomes = await log.propose_together(send("bob", "one"), send("bob", "two"), send("alice", "three"))
    assert [outcome.result.seq for outcome in outcomes] == [2, 3, 4]


async def test_an_outsider_may_not_send_and_learns_nothing(log: LogInMemory) -> None:
    with pytest.raises(NotFound):
        await log.propose(send("charlie"))


async def test_a_retry_returns_the_first_try_and_appends_nothing(log: LogInMemory) -> None:
    first = await log.propose(send("bob", client_id="c1"))
    again = await log.propose(send("bob", client_id="c1"))
    assert again.appended is None
    assert again.result == AlreadySent(first.result.seq)


async def test_a_retry_after_a_restart_is_found_by_reading_back_to_what_its_sender_had_seen(log: LogInMemory) -> None:
    first = await log.propose(send("bob", client_id="c1", after=1))
    await log.propose(send("alice"))
    log.restart()
    assert (await log.propose(send("bob", client_id="c1", after=1))).result == AlreadySent(first.result.seq)


async def test_a_client_id_is_its_senders_own(log: LogInMemory) -> None:
    await log.propose(send("bob", client_id="c1"))
    assert (await log.propose(send("alice", client_id="c1"))).appended


def test_two_tries_of_one_send_never_share_a_write() -> None:
    assert send("bob", client_id="c1").writes & send("bob", client_id="c1").writes


async def test_a_file_of_a_message_is_refused_to_every_other(log: LogInMemory) -> None:
    await log.propose(send("bob", client_id="c1", files=[FILE]))
    for another in (send("bob", files=[FILE]), send("bob", client_id="c2", files=[FILE])):
        with pytest.raises(Invalid):
            await log.propose(another)


async def test_a_retry_is_recognised_by_its_file_when_its_client_id_is_forgotten(log: LogInMemory) -> None:
    seq = log.message("bob", client_id="c1", attachments=[FILE])
    with pytest.raises(Invalid):
        await log.propose(send("alice", client_id="c1", files=[FILE]))
    log.message("alice")
    log.restart()
    assert (await log.propose(send("bob", client_id="c1", after=seq, files=[FILE]))).result == AlreadySent(seq)


def test_two_sends_of_one_file_never_share_a_write_and_sends_of_two_files_may() -> None:
    assert send("bob", files=[FILE]).writes & send("alice", files=[FILE]).writes
    assert not send("bob", files=[FILE]).writes & send("bob", files=[{"id": "file_2"}]).writes


# --- replying --------------------------------------------------------------------------------------------------------
async def test_a_reply_is_numbered_in_its_thread_and_not_counted_as_a_message_of_the_group(log: LogInMemory) -> None:
    opened = log.message("alice", reply_count=4)
    reply = (await log.propose(send("bob", reply_to=opened))).appended
    assert reply
    assert (reply.parent_id, reply.reply_number) == (f"{GROUP_ID}.{opened}", 5)
    assert reply.message_count == log.entries[opened - 1].message_count


async def test_a_reply_has_no_thread_of_its_own(log: LogInMemory) -> None:
    opened = log.message("alice")
    reply = log.message("bob", parent_id=f"{GROUP_ID}.{opened}")
    with pytest.raises(Invalid):
        await log.propose(send("alice", reply_to=reply))


async def test_a_deleted_message_accepts_no_replies(log: LogInMemory) -> None:
    with pytest.raises(Gone):
        await log.propose(send("bob", reply_to=log.message("alice", deleted=True)))


@pytest.mark.parametrize("seq", [1, 99], ids=["an entry that is not a message", "a place past the end"])
async def test_only_messages_are_replied_to(log: LogInMemory, seq: int) -> None:
    with pytest.raises(NotFound):
        await log.propose(send("bob", reply_to=seq))


# --- editing ---------------------------------------------------------------------------------------------------------
async def test_its_author_edits_a_message_which_becomes_the_next_version(log: LogInMemory) -> None:
    outcome = await log.propose(edit("bob", log.message("bob", version=2)))
    assert (outcome.result.content, outcome.result.version) == ("changed", 3)
    assert outcome.result.updated_at


@pytest.mark.parametrize("actor", ["alice", "dora"])
async def test_not_even_an_owner_or_admin_edits_the_message_of_another(log: LogInMemory, actor: str) -> None:
    with pytest.raises(Forbidden):
        await log.propose(edit(actor, log.message("bob")))


async def test_an_author_who_has_left_may_not_edit(log: LogInMemory) -> None:
    with pytest.raises(NotFound):
        await log.propose(edit("charlie", log.message("charlie")))


async def test_an_edit_that_changes_nothing_appends_nothing(log: LogInMemory) -> None:
    assert (await log.propose(edit("bob", log.message("bob", "same"), "same"))).appended is None


async def test_an_edit_of_a_version_that_has_been_replaced_is_refused(log: LogInMemory) -> None:
    seq = log.message("bob", version=3)
    with pytest.raises(VersionConflict):
        await log.propose(edit("bob", seq, if_version=2))
    assert (await log.propose(edit("bob", seq, if_version=3))).appended


async def test_a_deleted_message_is_not_edited(log: LogInMemory) -> None:
    with pytest.raises(Gone):
        await log.propose(edit("bob", log.message("bob", deleted=True)))


def test_changes_to_one_message_never_share_a_write_and_changes_to_two_may() -> None:
    assert edit("bob", 5).writes & react("alice", 5).writes
    assert not edit("bob", 5).writes & react("alice", 6).writes


# --- deleting --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("actor", ["bob", "dora", "alice"])
async def test_its_author_and_the_groups_managers_delete_a_message_and_its_files(log: LogInMemory, actor: str) -> None:
    seq = log.message("bob", attachments=[FILE])
    outcome = await log.propose(DeleteMessageProposal(actor, seq))
    assert outcome.result.message_id == f"{GROUP_ID}.{seq}"
    assert outcome.result.file_ids == ("file_1",)


async def test_a_member_may_not_delete_the_message_of_another(log: LogInMemory) -> None:
    with pytest.raises(Forbidden):
        await log.propose(DeleteMessageProposal("bob", log.message("alice")))


async def test_deleting_again_returns_the_first_deletion_with_its_files(log: LogInMemory) -> None:
    seq = log.message("bob", attachments=[FILE])
    first = await log.propose(DeleteMessageProposal("bob", seq))
    row = log.entries[seq - 1]
    row.deleted, row.deleted_seq = True, first.result.seq
    again = await log.propose(DeleteMessageProposal("alice", seq))
    assert again.appended is None
    # It tells nobody whose message it was: that is noted once.
    assert again.result == replace(first.result, author_id=None)


# --- reacting --------------------------------------------------------------------------------------------------------
async def test_a_reaction_is_added_to_those_of_other_users(log: LogInMemory) -> None:
    outcome = await log.propose(react("bob", log.message("alice", reactions={reaction_element("👍", "dora")})))
    assert outcome.result.reactions == {reaction_element("👍", "dora"), reaction_element("👍", "bob")}


async def test_emoji_are_in_the_order_of_their_first_use(log: LogInMemory) -> None:
    seq = log.message("alice", reactions={reaction_element("🚀", "dora"), reaction_element("👍", "dora")})
    # An older version has added these: which was first is not known, but that they were before any other.
    assert await _order_after(log, seq, "🎉") == ["👍", "🚀", "🎉"]
    entry = log.entries[seq - 1]
    entry.reactions, entry.emoji_order = {f"{emoji} dora" for emoji in "👍🎉🚀"}, "🎉 👍 🚀"
    assert await _order_after(log, seq, "🎉") == ["🎉", "👍", "🚀"]
    entry.reactions, entry.emoji_order = {"🎉 bob", "👍 dora"}, "🎉 👍"
    assert await _order_after(log, seq, "🎉", action="remove") == ["👍"]


async def _order_after(log: LogInMemory, seq: int, emoji: str, action: str = "add") -> list[str]:
    outcome = await log.propose(react("bob", seq, emoji, action=action))
    return [reaction["emoji"] for reaction in outcome.result.reactions_as_wire()]


async def test_a_reaction_counts_once_a_user(log: LogInMemory) -> None:
    message = log.message("alice", reactions={reaction_element("👍", "bob")})
    assert (await log.propose(react("bob", message))).appended is None


async def test_a_user_removes_only_their_own_reaction(log: LogInMemory) -> None:
    seq = log.message("alice", reactions={reaction_element("👍", "bob"), reaction_element("👍", "dora")})
    outcome = await log.propose(react("bob", seq, action="remove"))
    assert outcome.result.reactions == {reaction_element("👍", "dora")}


async def test_what_was_not_added_is_not_taken_back(log: LogInMemory) -> None:
    assert (await log.propose(react("bob", log.message("alice"), action="remove"))).appended is None


@override_settings(MAX_EMOJI_PER_MESSAGE=2)
async def test_a_message_at_its_limit_accepts_more_of_the_same_emoji_and_no_other(log: LogInMemory) -> None:
    seq = log.message("alice", reactions={reaction_element("👍", "alice"), reaction_element("🎉", "alice")})
    with pytest.raises(Invalid):
        await log.propose(react("bob", seq, "👀"))
    assert (await log.propose(react("bob", seq, "🎉"))).appended


async def test_nobody_reacts_to_a_deleted_message(log: LogInMemory) -> None:
    with pytest.raises(Gone):
        await log.propose(react("bob", log.message("alice", deleted=True)))
