"""What a member has set of a group is theirs alone, goes with no read mark, and is there when they come back."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from foundation.errors import Invalid, NotFound
from groups import memberships, selectors, services
from groups.own_settings import own_settings
from groups.own_settings.own_settings import OwnSettings
from groups.own_settings.services import change_own_settings
from groups.sections.services import write_sections
from groups.summary import GroupSummary
from messaging import services as messages
from messaging.unread import mark_unread
from tests.cast import Person
from users import selectors as users
from users.updates import user_updates


async def change(person: Person, group_id: str, **changes: Any) -> dict[str, Any]:
    return await change_own_settings(actor=person.actor, group_id=group_id, **changes)


async def seen_by(person: Person, group_id: str) -> GroupSummary:
    (summary,) = await selectors.list_summaries(actor=person.actor, group_ids=[group_id])
    return summary


async def test_groups_tell_of_mentions_and_direct_conversations_of_all(
    alice: Person, bob: Person, group_id: str
) -> None:
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    defaults = {"muted": False, "favourite": False, "version": 0}
    assert (await seen_by(bob, group_id)).as_wire()["own"] == {"level": "mentions", **defaults}
    assert (await seen_by(bob, direct.id)).as_wire()["own"] == {"level": "all", **defaults}


async def test_each_change_leaves_the_others_and_is_the_members_own(alice: Person, bob: Person, group_id: str) -> None:
    await change(bob, group_id, level="nothing")
    await change(bob, group_id, favourite=True)
    changed = await change(bob, group_id, muted=True)
    assert changed == {"groupId": group_id, "level": "nothing", "muted": True, "favourite": True, "version": 3}
    assert (await seen_by(bob, group_id)).as_wire()["own"] | {"groupId": group_id} == changed
    assert (await seen_by(alice, group_id)).own == OwnSettings()
    page = await selectors.list_groups(actor=bob.actor)
    assert [group.own.version for group in page.groups if group.id == group_id] == [3]
    back = await change(bob, group_id, level="all", muted=False, favourite=False)
    assert (back["level"], back["muted"], back["favourite"], back["version"]) == ("all", False, False, 4)


async def test_a_mute_ends_by_itself(bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    changed = await change(bob, group_id, muted=True, muted_until=until)
    assert changed["muted"]
    assert datetime.fromisoformat(changed["mutedUntil"]) - until < timedelta(milliseconds=1)
    monkeypatch.setattr(own_settings, "now", lambda: "2999-01-01T00:00:00.000Z")
    own = (await seen_by(bob, group_id)).own
    assert not own.is_muted
    assert own.as_wire() == {"level": "mentions", "muted": False, "favourite": False, "version": 1}
    # For ever means that.
    assert "mutedUntil" not in await change(bob, group_id, muted=True)
    assert (await seen_by(bob, group_id)).own.is_muted


async def test_only_a_time_to_come_mutes(bob: Person, group_id: str) -> None:
    with pytest.raises(Invalid) as raised:
        await change(bob, group_id, muted=True, muted_until=datetime.now(UTC))
    assert list(raised.value.fields or ()) == ["mutedUntil"]
    assert (await seen_by(bob, group_id)).own == OwnSettings()


async def test_who_is_not_in_the_group_sets_nothing(charlie: Person, bob: Person, group_id: str) -> None:
    for stranger in (charlie,):
        with pytest.raises(NotFound):
            await change(stranger, group_id, favourite=True, section_id="section_of_nobody")
    await services.leave_group(actor=bob.actor, group_id=group_id)
    with pytest.raises(NotFound):
        await change(bob, group_id, favourite=True)
    # Not even a row of it.
    rows = await memberships.list_own_rows(charlie.id, after=None, limit=10)
    assert group_id not in map(memberships.group_id_of, rows[0])


async def test_who_comes_back_finds_it_as_it_was(alice: Person, bob: Person, group_id: str) -> None:
    await change(bob, group_id, level="all", favourite=True)
    await services.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    own = (await seen_by(bob, group_id)).own
    assert (own.level, own.favourite, own.version) == ("all", True, 1)


async def test_read_marks_move_at_the_same_time(alice: Person, bob: Person, group_id: str) -> None:
    sent = [
        await messages.send_message(actor=alice.actor, group_id=group_id, content=f"<@{bob.id}> {n}") for n in range(5)
    ]
    seqs = [each["message"]["seq"] for each in sent]
    await asyncio.gather(
        *(messages.mark_read(actor=bob.actor, group_id=group_id, seq=seq) for seq in seqs[:4]),
        *(change(bob, group_id, level=level) for level in ("all", "mentions", "nothing")),
        *(change(bob, group_id, favourite=True, muted=True) for _ in range(3)),
        mark_unread(actor=bob.actor, message_id=sent[4]["message"]["id"]),
        services.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="admin"),
    )
    summary = await seen_by(bob, group_id)
    assert (summary.own.favourite, summary.own.muted, summary.own.version) == (True, True, 6)
    assert (summary.role, summary.read) == ("admin", seqs[3])
    assert summary.unread == 1


async def test_a_group_is_in_one_section_and_in_none_once_that_is_gone(bob: Person, group_id: str) -> None:
    written = await write_sections(actor=bob.actor, sections=[{"name": "One"}, {"name": "Two"}], if_version=0)
    one, two = written.sections
    for section in (one, two):
        assert (await change(bob, group_id, section_id=section.id))["sectionId"] == section.id
    with pytest.raises(Invalid) as raised:
        await change(bob, group_id, section_id="section_of_nobody")
    assert list(raised.value.fields or ()) == ["sectionId"]
    assert (await seen_by(bob, group_id)).own.section_id == two.id
    assert "sectionId" not in await change(bob, group_id, section_id="")


async def test_each_change_is_told_with_a_revision(bob: Person, group_id: str) -> None:
    before = await users.get_revision(user_id=bob.id)
    await change(bob, group_id, favourite=True)
    await write_sections(actor=bob.actor, sections=[{"name": "One"}], if_version=0)
    await user_updates().wait()
    assert await users.get_revision(user_id=bob.id) == before + 2
