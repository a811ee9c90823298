"""What operators find, alone and together, and what is said to who asks for what cannot be."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from files.services import store_file
from foundation.errors import Invalid
from groups import services as groups
from messaging import services
from messaging.pins.services import pin_message
from messaging.saved.services import save_message
from search.selectors import search
from tests.cast import Person, person
from tests.files.conftest import pieces
from tests.search.searching import cursor_of, found, index, say
from tests.workspace.cast import give_role, the_owner
from users.roles import GUEST
from users.services import update_profile
from workspace.teams.services import create_team


async def test_people_and_groups(alice: Person, bob: Person, group_id: str) -> None:
    other = (await groups.create_group(actor=alice.actor, name="Harbour Master", member_ids=[bob.id])).id
    mine, his = await say(alice, group_id, "ahoy there"), await say(bob, group_id, f"ahoy <@{alice.id}>")
    elsewhere = await say(bob, other, "ahoy <!all>")
    for each in (group_id, other):
        await index(each)
    assert await found(alice, "ahoy from:me") == [mine]
    assert await found(alice, f'from:"{bob.actor.name}"') == [elsewhere, his]
    assert await found(alice, f"ahoy -from:{bob.id}") == [mine]
    assert await found(alice, "ahoy mentions:me") == [his]
    assert await found(alice, "mentions:all") == [elsewhere]
    assert await found(alice, "in:harbour ahoy") == [his, mine]
    assert await found(alice, "in:MASTER ahoy") == [elsewhere]
    assert await found(alice, f"-in:{group_id} ahoy") == [elsewhere]
    await update_profile(actor=bob.actor, handle=f"b{bob.id[-8:]}")
    assert await found(alice, f"from:@b{bob.id[-8:]} in:master") == [elsewhere]


async def test_what_messages_have_and_are(alice: Person, bob: Person, group_id: str) -> None:
    plain, linked = await say(alice, group_id, "one ahoy"), await say(alice, group_id, "two HTTPS://example.org ahoy")
    file = await store_file(
        actor=alice.actor, group_id=group_id, name="Größe.txt", content_type="text/plain", chunks=pieces(b"x")
    )
    attached = await say(alice, group_id, "three ahoy", attachments=[file.id])
    reply = await say(bob, group_id, "four ahoy", parent_id=plain)
    await services.react(actor=bob.actor, message_id=linked, emoji="👍", action="add")
    await pin_message(actor=alice.actor, message_id=reply, action="add")
    await save_message(actor=alice.actor, message_id=plain, action="add")
    await index(group_id)
    expected = {
        "has:link": [linked],
        "has:file": [attached],
        "has:image": [],
        "has:reaction": [linked],
        "is:pinned": [reply],
        "is:saved ahoy": [plain],
        "is:thread": [reply, plain],
        "ahoy -has:link -is:thread": [attached],
        "ahoy -is:saved": [reply, attached, linked],
        '"has:link"': [],
        '"two https"': [linked],
        "ahoy -two -four": [attached, plain],
    }
    assert {query: await found(alice, query) for query in expected} == expected
    assert await found(bob, "is:saved ahoy") == []
    files = (await search(actor=alice.actor, query="GROSSE"))["files"]
    assert [(each["file"]["id"], each["messageId"]) for each in files] == [(file.id, attached)]
    await services.react(actor=bob.actor, message_id=linked, emoji="👍", action="remove")
    await services.delete_message(actor=alice.actor, message_id=attached)
    assert await found(alice, "has:reaction") == []
    assert (await search(actor=alice.actor, query="GROSSE"))["files"] == []


async def test_days_are_those_of_who_asks(alice: Person, group_id: str) -> None:
    message = await say(alice, group_id, "ahoy")
    await index(group_id)
    today = datetime.now(UTC).date()
    days = {name: (today + timedelta(days=shift)).isoformat() for name, shift in (("was", -3), ("now", 0), ("will", 3))}
    assert await found(alice, f"ahoy after:{days['was']} before:{days['will']}") == [message]
    assert await found(alice, f"ahoy after:{days['will']}") == []
    assert await found(alice, f"before:{days['was']}") == []
    for excluded in (f"-before:{days['now']}", f"-after:{days['now']}", f"-on:{days['was']}"):
        assert await found(alice, f"ahoy {excluded}") == [message]
    for excluded in (f"-before:{days['will']}", f"-after:{days['was']}", f"-on:{days['now']}"):
        assert await found(alice, f"ahoy {excluded}") == []
    sent = datetime.now(UTC)
    await update_profile(actor=alice.actor, time_zone="Pacific/Kiritimati")
    there = (sent + timedelta(hours=14)).date().isoformat()
    assert await found(alice, f"on:{there}") == [message]


async def test_a_zone_that_is_no_more_is_none(alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile may have one that this system does not know: its database of zones is another than that of before."""
    message = await say(alice, group_id, "ahoy")
    await index(group_id)
    await update_profile(actor=alice.actor, time_zone="Pacific/Kiritimati")
    monkeypatch.setattr("search.resolving.is_time_zone", lambda name: False)
    assert await found(alice, f"ahoy on:{datetime.now(UTC).date().isoformat()}") == [message]


async def test_a_team_is_found_where_it_is_named_by_whom_may_see_it(alice: Person, bob: Person, group_id: str) -> None:
    handle = f"t{uuid4().hex[:12]}"
    team = await create_team(actor=(await the_owner()).actor, name="Crew", handle=handle, member_ids=[alice.id])
    message = await say(alice, group_id, f"ahoy <@{team.id}>")
    await say(alice, group_id, "ahoy nobody")
    await index(group_id)
    for named in (f"@{handle}", handle, team.id):
        assert await found(alice, f"mentions:{named}") == [message]
        assert message not in await found(alice, f"ahoy -mentions:{named}")
    assert await found(alice, "mentions:me") == [message]
    guest = await give_role(bob, GUEST)
    for named in (f"@{handle}", "team:AAAAAAAAAAAAAAAA"):
        with pytest.raises(Invalid):
            await search(actor=guest.actor, query=f"mentions:{named}")


async def test_a_guest_is_not_told_who_there_is(alice: Person, bob: Person, group_id: str) -> None:
    stranger, guest = await person("Stranger"), await give_role(bob, GUEST)
    message = await say(alice, group_id, "ahoy")
    await index(group_id)
    assert await found(guest, f"from:{alice.id}") == [message]
    with pytest.raises(Invalid) as unseen:
        await search(actor=guest.actor, query=f"from:{stranger.id}")
    with pytest.raises(Invalid) as absent:
        await search(actor=guest.actor, query="from:user_nobody")
    assert unseen.value.fields == absent.value.fields


@pytest.mark.parametrize(
    "query",
    [
        *("", "   ", '""', "a", "-ahoy", "-has:file", "has:luck", "is:late", 'from:""', "on:tomorrow", "on:9999-12-31"),
        *("after:2026-02-30", "from:nobody-is-called-so", "in:nowhere ahoy", "-on:2026-01-01", "ab " * 21),
        *("mentions:nobody-is-called-so", "mentions:@nobody-is-called-so"),
    ],
)
async def test_what_cannot_be_understood_is_said(alice: Person, query: str) -> None:
    with pytest.raises(Invalid) as refused:
        await search(actor=alice.actor, query=query)
    assert refused.value.fields
    assert refused.value.fields.keys() == {"q"}


async def test_pages_have_each_once_and_excerpts_show_why(alice: Person, group_id: str) -> None:
    ids = [await say(alice, group_id, f"{'filler ' * 40}Crème {number} brûlée, crème") for number in range(7)]
    await index(group_id)
    page = await search(actor=alice.actor, query="creme", limit=3)
    assert [item["message"]["id"] for item in page["items"]] == ids[:3:-1]
    pieces_shown = page["items"][0]["excerpt"]
    assert [piece["text"] for piece in pieces_shown if piece["match"]] == ["Crème", "crème"]
    assert pieces_shown[0] == {"text": "…", "match": False}
    new = await say(alice, group_id, "crème anew")
    await index(group_id)
    rest = await search(actor=alice.actor, query="creme", limit=50, cursor=cursor_of(page))
    assert [item["message"]["id"] for item in rest["items"]] == ids[3::-1]
    assert "nextCursor" not in rest
    assert (await found(alice, "creme"))[0] == new


@pytest.mark.parametrize("typed", ["人", "👍", "é́"])
async def test_one_sign_of_another_script_is_a_word(alice: Person, group_id: str, typed: str) -> None:
    message = await say(alice, group_id, f"x{typed}y")
    await index(group_id)
    assert await found(alice, typed) == [message]
