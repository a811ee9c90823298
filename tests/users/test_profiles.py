"""What a profile may say, that it is found by what it says now, and who is told of a change."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from dynamodb import store
from foundation.errors import Forbidden, Invalid, NotFound, Unavailable
from foundation.validation import validated
from tests.cast import Person, person
from users import models, profile_changes, profiles, selectors, services
from users.models import UserRow
from users.serializers import SetStatusInput, UpdateProfileInput
from users.updates import user_updates
from users.user import User


def new_handle() -> str:
    return f"h{uuid4().hex[:16]}"


async def fields_of(attempt: Any) -> list[str]:
    """Return the fields that an attempt is refused for."""
    with pytest.raises(Invalid) as raised:
        await attempt
    return list(raised.value.fields or ())


# --- names under concurrent writes -----------------------------------------------------------------------------------
async def test_the_keys_are_those_of_the_last_name_whoever_writes_at_once(alice: Person) -> None:
    word = uuid4().hex[:12]
    names = [" ".join([f"{word}{number}", *["part"] * number]) for number in range(5)]
    others = [
        services.update_profile(actor=alice.actor, title=f"Title {number}", handle=new_handle()) for number in range(3)
    ]
    renames = [services.update_profile(actor=alice.actor, name=name) for name in names]
    results = await asyncio.gather(*renames, *others, return_exceptions=True)
    assert all(isinstance(result, User | Unavailable) for result in results), results
    user = await selectors.get_user(user_id=alice.id)

    def keys() -> list[UserRow]:
        return list(UserRow.query(alice.id, UserRow.item.startswith("key#"), consistent_read=True))

    rows = await store.call(keys)
    assert {row.name for row in rows} == {user.name}
    assert {row.handle for row in rows} == {user.handle}
    assert sorted(row.sort_key for row in rows) == sorted(
        row.sort_key for row in models.key_rows(alice.id, user.name, user.handle)
    )
    number = names.index(user.name)
    found = [(await selectors.find_among_all(query=f"{word}{each}")).users for each in range(5)]
    assert [[match.id for match in users] for users in found] == [[alice.id] if n == number else [] for n in range(5)]


async def test_a_user_who_leaves_is_found_no_more_and_keeps_the_name(alice: Person) -> None:
    handle, word = new_handle(), uuid4().hex
    await services.update_profile(
        actor=alice.actor, name=f"Ada {word}", handle=handle, title="Countess", time_zone="Europe/London"
    )
    await services.set_status(actor=alice.actor, text="Away")
    await profiles.remove(alice.id)
    user = await selectors.get_user(user_id=alice.id)
    assert user.as_wire().keys() == {"id", "name", "createdAt", "deactivated"}
    assert user.name == f"Ada {word}"
    for query in (word, handle, f"Ada {word}"):
        assert (await selectors.find_among_all(query=query)).users == []
    with pytest.raises(NotFound):
        await services.update_profile(actor=alice.actor, title="Still here")
    with pytest.raises(NotFound):
        await services.set_status(actor=alice.actor, text="Still here")


# --- title, time zone ------------------------------------------------------------------------------------------------
async def test_what_is_given_changes_and_the_rest_stays(alice: Person) -> None:
    await services.update_profile(actor=alice.actor, title="Analyst", time_zone="Asia/Kolkata")
    user = await services.update_profile(actor=alice.actor, title="")
    assert (user.title, user.time_zone, user.name) == (None, "Asia/Kolkata", alice.actor.name)
    wire = user.as_wire()
    assert wire["timeZone"] == "Asia/Kolkata"
    assert "title" not in wire


HIDDEN = ["a\u202eb", "a\u200bb", "\u2066x\u2069", "a\nb", "\u3164", "q" + "\u0301" * 7, "\x00", "\U000e0041"]


@pytest.mark.unit
@pytest.mark.parametrize("title", [*HIDDEN, "x" * 101, 7, None, ["x"]])
def test_a_title_that_shows_nothing_or_something_else_is_refused(title: Any) -> None:
    with pytest.raises(Invalid) as raised:
        validated(UpdateProfileInput, {"title": title})
    assert list(raised.value.fields or ()) == ["title"]


@pytest.mark.unit
@pytest.mark.parametrize(
    "zone", ["Europe/Atlantis", "../etc/passwd", "/etc/localtime", "europe/berlin", "UTC+1", 1, "x" * 65]
)
def test_a_time_zone_that_there_is_not_is_refused(zone: Any) -> None:
    with pytest.raises(Invalid) as raised:
        validated(UpdateProfileInput, {"timeZone": zone})
    assert list(raised.value.fields or ()) == ["timeZone"]
    assert validated(UpdateProfileInput, {"timeZone": "Europe/Berlin"}) == {"time_zone": "Europe/Berlin"}
    assert validated(UpdateProfileInput, {"timeZone": ""}) == {"time_zone": ""}


# --- custom status ---------------------------------------------------------------------------------------------------
async def test_a_status_shows_until_it_expires(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    user = await services.set_status(actor=alice.actor, emoji="🌴", text="On holiday", expires_at=end)
    status = user.as_wire()["customStatus"]
    assert (status["emoji"], status["text"]) == ("🌴", "On holiday")
    assert abs(datetime.fromisoformat(status["expiresAt"]) - end) < timedelta(milliseconds=2)
    from users import user as module

    monkeypatch.setattr(module, "now", lambda: "2999-01-01T00:00:00.000Z")
    assert "customStatus" not in (await selectors.get_user(user_id=alice.id)).as_wire()


async def test_another_status_replaces_all_of_the_former_one(alice: Person) -> None:
    await services.set_status(
        actor=alice.actor, emoji="🌴", text="On holiday", expires_at=datetime.now(UTC) + timedelta(days=1)
    )
    user = await services.set_status(actor=alice.actor, text="Back")
    assert user.as_wire()["customStatus"] == {"text": "Back"}
    assert "customStatus" not in (await services.clear_status(actor=alice.actor)).as_wire()
    assert "customStatus" not in (await services.clear_status(actor=alice.actor)).as_wire()


@pytest.mark.parametrize("away", [timedelta(seconds=-1), timedelta(days=367)])
async def test_a_status_ends_in_the_time_to_come(alice: Person, away: timedelta) -> None:
    attempt = services.set_status(actor=alice.actor, text="x", expires_at=datetime.now(UTC) + away)
    assert await fields_of(attempt) == ["expiresAt"]
    assert await fields_of(services.set_status(actor=alice.actor)) == ["text"]


@pytest.mark.unit
@pytest.mark.parametrize("text", [*HIDDEN, "x" * 101, 7])
def test_a_status_that_shows_nothing_or_something_else_is_refused(text: Any) -> None:
    with pytest.raises(Invalid) as raised:
        validated(SetStatusInput, {"text": text})
    assert list(raised.value.fields or ()) == ["text"]


@pytest.mark.unit
@pytest.mark.parametrize("emoji", ["👩\u200d" * 40 + "👩", "two words", "\u202e", "a\u202eb", "x" * 33, "\ufe0f", 5])
def test_an_emoji_is_short_and_shows(emoji: Any) -> None:
    with pytest.raises(Invalid) as raised:
        validated(SetStatusInput, {"emoji": emoji})
    assert list(raised.value.fields or ()) == ["emoji"]


@pytest.mark.unit
@pytest.mark.parametrize(
    "moment",
    [
        "soon",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        5,
        "x" * 41,
    ],
)
def test_a_time_needs_an_offset_and_a_year_that_there_is(moment: Any) -> None:
    with pytest.raises(Invalid) as raised:
        validated(SetStatusInput, {"text": "x", "expiresAt": moment})
    assert list(raised.value.fields or ()) == ["expiresAt"]
    assert validated(SetStatusInput, {"text": "x", "expiresAt": None}) == {"text": "x", "expires_at": None}
    given = validated(SetStatusInput, {"text": "x", "expiresAt": "2026-03-14T15:09:26+01:00"})
    assert given["expires_at"] == datetime(2026, 3, 14, 14, 9, 26, tzinfo=UTC)


# --- who is told -----------------------------------------------------------------------------------------------------
@pytest.fixture
def told() -> Iterator[list[User]]:
    users: list[User] = []
    profile_changes.listen(users.append)
    yield users
    profile_changes._listeners.remove(users.append)


async def test_own_connections_and_listeners_are_told_of_each_change(alice: Person, told: list[User]) -> None:
    before = await selectors.get_revision(user_id=alice.id)
    user = await services.update_profile(actor=alice.actor, title="Analyst")
    await services.set_status(actor=alice.actor, text="Busy")
    await user_updates().wait()
    assert await selectors.get_revision(user_id=alice.id) == before + 2
    assert told[0] == user
    assert [each.id for each in told] == [alice.id] * 2


async def test_what_is_refused_is_told_to_nobody(alice: Person, told: list[User]) -> None:
    before = await selectors.get_revision(user_id=alice.id)
    for attempt in (
        services.update_profile(actor=alice.actor, handle="me"),
        services.update_profile(actor=alice.actor, name="\u200b"),
        services.set_status(actor=alice.actor),
    ):
        await fields_of(attempt)
    await user_updates().wait()
    assert (await selectors.get_revision(user_id=alice.id), told) == (before, [])


async def test_where_clerk_has_told_a_name_the_rest_is_still_ones_own(alice: Person) -> None:
    await profiles.follow_issuer(alice.id, version=1, name="Told by Clerk")
    with pytest.raises(Forbidden):
        await services.update_profile(actor=alice.actor, name="Mine", title="Not stored either")
    with pytest.raises(Forbidden):
        await services.set_picture(actor=alice.actor, picture_id="picture_1")
    handle = new_handle()
    user = await services.update_profile(actor=alice.actor, handle=handle, title="Analyst")
    assert (user.name, user.handle, user.title) == ("Told by Clerk", handle, "Analyst")
    renamed = await profiles.follow_issuer(alice.id, version=2, name="Renamed there")
    assert renamed is not None
    assert (renamed.handle, renamed.title) == (handle, "Analyst")
    assert [match.id for match in (await selectors.find_among_all(query=handle)).users] == [alice.id]


@pytest.fixture
async def alice() -> Person:
    return await person("Alice")
