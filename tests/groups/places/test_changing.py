"""What a group says and lets its members do is changed in its log, and holds in every process from then on."""

import asyncio
import logging
from typing import Any

import pytest

from dynamodb import store
from files.resumable import begin_upload
from files.services import store_file
from foundation.errors import Forbidden, Invalid, NotFound
from groups import selectors, services
from groups.dissolving import dissolve_group
from groups.log import queries
from messaging import services as messages
from messaging.change_events import changes_after
from messaging.mentionable import list_mentionable
from tests.cast import Person

from .another_process import another_process, restart

POLICY = {"post": "everyone", "invite": "managers", "rename": "managers", "pin": "everyone", "mentionAll": "everyone"}


async def say(person: Person, group_id: str, content: str = "ahoy", **more: Any) -> dict[str, Any]:
    return await messages.send_message(actor=person.actor, group_id=group_id, content=content, **more)


async def test_a_new_group_is_private_and_lets_everybody_post(alice: Person, group_id: str) -> None:
    detail = await selectors.get_group_detail(actor=alice.actor, group_id=group_id)
    assert detail["visibility"] == "private"
    assert (detail["topic"], detail["description"], detail["memberCount"]) == ("", "", 2)
    assert detail["policy"] == POLICY
    assert "archivedAt" not in detail
    (summary,) = await selectors.list_summaries(actor=alice.actor, group_ids=[group_id])
    # What is as usual costs the lists of many groups nothing.
    assert not {"visibility", "topic", "policy", "archivedAt", "description"} & summary.as_wire().keys()


async def test_a_change_is_one_entry_and_shown_to_all(alice: Person, bob: Person, group_id: str) -> None:
    head = (await selectors.get_head_position(group_id=group_id)).seq
    changed = await services.change_group(
        actor=alice.actor, group_id=group_id, topic="Tides", description="Ships\nand men", policy={"pin": "managers"}
    )
    (change,) = await changes_after(group_id, head)
    assert (change.event, change.seq) == ("group_update", head + 1)
    detail = await selectors.get_group_detail(actor=bob.actor, group_id=group_id)
    for wire in (changed.as_wire(), detail):
        assert (wire["topic"], wire["description"]) == ("Tides", "Ships\nand men")
        assert wire["policy"] == {**POLICY, "pin": "managers"}
    (summary,) = await selectors.list_summaries(actor=bob.actor, group_ids=[group_id])
    assert {"topic": "Tides", "policy": {**POLICY, "pin": "managers"}}.items() <= summary.as_wire().items()
    entry = await queries.last_entry(group_id)
    assert entry
    assert entry.changed == {
        "topic": "Tides",
        "description": "Ships\nand men",
        "policy": {"pin": "managers"},
    }


async def test_changes_at_once_are_all_kept(alice: Person, group_id: str) -> None:
    wanted: list[dict[str, Any]] = [{"name": "Port"}, {"topic": "Tides"}, {"policy": {"pin": "managers"}}]
    await asyncio.gather(*(services.change_group(actor=alice.actor, group_id=group_id, **each) for each in wanted))
    group = await selectors.get_group(actor=alice.actor, group_id=group_id)
    assert (group.name, group.topic, group.policy.pin) == ("Port", "Tides", "managers")


async def test_what_is_as_it_was_appends_nothing(alice: Person, group_id: str) -> None:
    head = await selectors.get_head_position(group_id=group_id)
    await services.change_group(actor=alice.actor, group_id=group_id, topic="", archived=False, name="Harbour")
    assert await selectors.get_head_position(group_id=group_id) == head


async def test_a_direct_conversation_has_no_settings(alice: Person, bob: Person) -> None:
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    for change in ({"topic": "x"}, {"visibility": "public"}, {"archived": True}, {"policy": {"post": "owner"}}):
        with pytest.raises(Invalid):
            await services.change_group(actor=alice.actor, group_id=direct.id, **change)


async def test_who_is_outside_changes_nothing(charlie: Person, group_id: str) -> None:
    for each in (group_id, "group_0000000000000000"):
        with pytest.raises(NotFound):
            await services.change_group(actor=charlie.actor, group_id=each, archived=True)


# --- other processes -------------------------------------------------------------------------------------------------
async def test_a_policy_that_another_process_has_set_holds_here_at_once(
    alice: Person, bob: Person, group_id: str
) -> None:
    await say(bob, group_id)
    with another_process():
        await services.change_group(actor=alice.actor, group_id=group_id, policy={"post": "managers"})
    with pytest.raises(Forbidden, match="may post"):
        await say(bob, group_id)
    # This process knows by now that bob may not; another one lets him again.
    with another_process():
        await services.change_group(actor=alice.actor, group_id=group_id, policy={"post": "everyone"})
    await say(bob, group_id)


async def test_the_rules_hold_after_a_restart(alice: Person, bob: Person, group_id: str) -> None:
    await services.change_group(actor=alice.actor, group_id=group_id, policy={"post": "managers"})
    await say(alice, group_id)
    restart()
    with pytest.raises(Forbidden):
        await say(bob, group_id)
    restart()
    await services.change_group(actor=alice.actor, group_id=group_id, archived=True)
    restart()
    with pytest.raises(Forbidden, match="archived"):
        await say(alice, group_id)


async def test_sends_of_a_batch_that_follow_the_change_are_refused(alice: Person, bob: Person, group_id: str) -> None:
    """All in two turns of the loop: what was queued before is stored, what comes after is not."""
    await say(bob, group_id)
    attempts: list[Any] = [say(bob, group_id, f"before {n}", client_id=f"b{n}") for n in range(5)]
    attempts.append(services.change_group(actor=alice.actor, group_id=group_id, archived=True))
    tasks = [asyncio.ensure_future(attempt) for attempt in attempts]
    # The change is asked for in a task of its own, which a client that hangs up does not end.
    await asyncio.sleep(0)
    tasks += [asyncio.ensure_future(say(bob, group_id, f"after {n}", client_id=f"a{n}")) for n in range(5)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    kinds = [isinstance(outcome, Exception) for outcome in outcomes]
    assert kinds == [False] * 6 + [True] * 5
    assert all(isinstance(outcome, Forbidden) for outcome in outcomes[6:])


async def test_a_send_in_a_group_with_rules_reads_no_more(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.change_group(actor=alice.actor, group_id=group_id, policy={"pin": "managers", "invite": "everyone"})
    await say(bob, group_id)
    calls: list[Any] = []
    call = store.call

    async def counted(function: Any, *args: Any, **more: Any) -> Any:
        calls.append(function)
        return await call(function, *args, **more)

    monkeypatch.setattr(store, "call", counted)
    await say(bob, group_id)
    assert len(calls) == 1


# --- an archived group -----------------------------------------------------------------------------------------------
async def _bytes() -> Any:
    yield b"x"


async def test_an_archived_group_is_read_and_takes_nothing(alice: Person, bob: Person, group_id: str) -> None:
    sent = (await say(bob, group_id))["message"]
    await services.change_group(actor=alice.actor, group_id=group_id, archived=True)
    act = {"actor": bob.actor, "message_id": sent["id"]}
    attempts = (
        say(bob, group_id),
        say(bob, group_id, parent_id=sent["id"]),
        messages.edit_message(**act, content="x"),
        messages.delete_message(**act),
        messages.react(**act, emoji="👍", action="add"),
        messages.set_typing(actor=bob.actor, group_id=group_id, typing=True),
        store_file(actor=bob.actor, group_id=group_id, name="a", content_type=None, chunks=_bytes()),
        begin_upload(actor=bob.actor, group_id=group_id, length=1, name="a"),
        services.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id, alice.id, "user_x"]),
        services.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id),
    )
    for attempt in attempts:
        with pytest.raises((Forbidden, Invalid)):
            await attempt
    assert (await selectors.get_group_detail(actor=bob.actor, group_id=group_id))["archivedAt"]
    await services.leave_group(actor=bob.actor, group_id=group_id)


async def test_an_archived_group_can_be_deleted(alice: Person, bob: Person, group_id: str) -> None:
    await services.change_group(actor=alice.actor, group_id=group_id, archived=True)
    await dissolve_group(actor=alice.actor, group_id=group_id)
    with pytest.raises(NotFound):
        await selectors.get_group(actor=bob.actor, group_id=group_id)


async def test_who_may_not_post_uploads_nothing_and_does_not_type(alice: Person, bob: Person, group_id: str) -> None:
    await services.change_group(actor=alice.actor, group_id=group_id, policy={"post": "managers"})
    for attempt in (
        messages.set_typing(actor=bob.actor, group_id=group_id, typing=True),
        store_file(actor=bob.actor, group_id=group_id, name="a", content_type=None, chunks=_bytes()),
        begin_upload(actor=bob.actor, group_id=group_id, length=1, name="a"),
    ):
        with pytest.raises(Forbidden, match="may post"):
            await attempt


async def test_nobody_is_offered_everybody_whom_they_may_not_name(alice: Person, bob: Person, group_id: str) -> None:
    await services.change_group(actor=alice.actor, group_id=group_id, policy={"mention_all": "managers"})
    offered = [
        (await list_mentionable(actor=each.actor, group_id=group_id, query="a"))["everybody"] for each in (alice, bob)
    ]
    assert offered == [["all"], []]


async def test_members_invite_where_the_policy_lets_them(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    with pytest.raises(Forbidden):
        await services.add_members(actor=bob.actor, group_id=group_id, user_ids=[charlie.id])
    await services.change_group(actor=alice.actor, group_id=group_id, policy={"invite": "everyone"})
    added = await services.add_members(actor=bob.actor, group_id=group_id, user_ids=[charlie.id])
    assert added == {charlie.id: "member"}


# --- the audit log ---------------------------------------------------------------------------------------------------
async def test_each_act_is_in_the_audit_log_without_what_was_written(
    alice: Person, group_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="workspace.audit"):
        await services.change_group(
            actor=alice.actor,
            group_id=group_id,
            name="Port",
            topic="secret",
            visibility="public",
            policy={"post": "owner"},
        )
        await services.change_group(actor=alice.actor, group_id=group_id, archived=True)
        await services.change_group(actor=alice.actor, group_id=group_id, archived=False)
        await services.change_group(actor=alice.actor, group_id=group_id, archived=False)
    lines = [record.getMessage() for record in caplog.records if record.name == "workspace.audit"]
    assert [line.split(" ")[0] for line in lines] == [
        *("group.rename", "group.topic", "group.visibility", "group.policy"),
        *("group.archive", "group.unarchive"),
    ]
    assert all(f"by={alice.id} group={group_id}" in line for line in lines)
    assert "secret" not in " ".join(lines)
