"""Each entry reaches each follower, in order, whatever fails; what cannot be handled is set aside and blocks nobody."""

import asyncio
import logging
from dataclasses import replace

import pytest
from django.test import override_settings

from foundation.errors import Unavailable
from groups import services
from groups.followers import feeding, places, registrations
from groups.followers.follower import FROM_NOW
from groups.followers.slices import Slice
from groups.log.entry import Entry
from messaging import services as messages
from tests.cast import Person

from .recording import Recorder, follow


async def send(person: Person, group_id: str, *texts: str) -> None:
    for text in texts:
        await messages.send_message(actor=person.actor, group_id=group_id, content=text)


async def place_of(group_id: str, name: str) -> places.Place:
    return (await places.find([group_id]))[group_id].by_name[name]


async def test_entries_are_handed_over_together_and_once(alice: Person, group_id: str, recorder: Recorder) -> None:
    await send(alice, group_id, "one", "two")
    result = await follow(group_id, recorder)
    assert (recorder.seqs(group_id), recorder.calls, result.again) == ([1, 2, 3, 4], 1, None)
    assert (await follow(group_id, recorder)).again is None
    await send(alice, group_id, "three")
    await follow(group_id, recorder)
    assert recorder.seqs(group_id) == [1, 2, 3, 4, 5]


async def test_a_long_log_is_read_in_pages(
    alice: Person, group_id: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groups.followers.slices._PAGE", 3)
    monkeypatch.setattr("groups.followers.slices._SECONDS", 60.0)
    await send(alice, group_id, *map(str, range(10)))
    await follow(group_id, recorder)
    assert recorder.seqs(group_id) == list(range(1, 13))
    assert (await places.find([group_id]))[group_id].version == 1


async def test_a_slice_that_is_over_goes_on_later(
    alice: Person, group_id: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groups.followers.slices._PAGE", 3)
    await send(alice, group_id, *map(str, range(10)))
    monkeypatch.setattr("groups.followers.slices._SECONDS", 0.0)
    result = await follow(group_id, recorder)
    assert (recorder.seqs(group_id), result.again) == ([1, 2, 3], 0.0)
    assert result.behind[recorder.name]


async def test_an_entry_that_fails_is_tried_again_and_then_set_aside(
    alice: Person, group_id: str, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    await send(alice, group_id, "good", "bad", "later")
    other = Recorder(f"other of {recorder.name}")

    def fail(entry: Entry) -> None:
        if entry.content == "bad":
            raise ValueError("bad")

    recorder.fails = fail
    pauses = [(await follow(group_id, recorder, other)).again for _ in range(feeding.TRIES - 1)]
    assert (pauses, recorder.seqs(group_id)) == ([1.0, 2.0, 4.0, 8.0], [1, 2, 3])
    assert other.seqs(group_id) == [1, 2, 3, 4, 5]
    with caplog.at_level(logging.ERROR):
        await follow(group_id, recorder, other)
    assert recorder.seqs(group_id) == [1, 2, 3, 5]
    assert f"entry 4 of {group_id} is set aside" in caplog.text
    assert (await place_of(group_id, recorder.name)).set_aside == (4,)


async def test_an_entry_that_fails_once_is_handled_the_next_time(
    alice: Person, group_id: str, recorder: Recorder
) -> None:
    await send(alice, group_id, "one", "two")
    failures = [ValueError("first"), ValueError("second")]

    def fail(entry: Entry) -> None:
        if entry.content == "one" and failures:
            raise failures.pop()

    recorder.fails = fail
    await follow(group_id, recorder)
    await follow(group_id, recorder)
    assert recorder.seqs(group_id) == [1, 2, 3, 4]
    assert (await place_of(group_id, recorder.name)) == places.Place(4)


async def test_what_is_away_is_waited_for_as_long_as_it_takes(alice: Person, group_id: str, recorder: Recorder) -> None:
    await send(alice, group_id, "one")

    def fail(entry: Entry) -> None:
        raise Unavailable

    recorder.fails = fail
    for _ in range(2 * feeding.TRIES):
        assert (await follow(group_id, recorder)).again == feeding.AWAY_PAUSE
    recorder.fails = lambda entry: None
    await follow(group_id, recorder)
    assert recorder.seqs(group_id) == [1, 2, 3]


@override_settings(FOLLOW_LEASE=1.0)
async def test_an_entry_that_hangs_is_found_among_others_before_the_lease_is_over(
    alice: Person, group_id: str, recorder: Recorder
) -> None:
    await send(alice, group_id, "one", "hangs", "two")
    forever = asyncio.Event()
    recorder.fails = lambda entry: forever.wait() if entry.content == "hangs" else None
    async with asyncio.timeout(60):
        # On a busy machine a slice may leave it too little time to count.
        while len(recorder.seqs(group_id)) < 4:
            await follow(group_id, recorder)
    assert recorder.seqs(group_id) == [1, 2, 3, 5]
    assert (await place_of(group_id, recorder.name)).set_aside == (4,)


# --- two processes at a time -----------------------------------------------------------------------------------------
async def test_a_process_that_has_outlived_its_lease_moves_no_place_back(
    alice: Person, group_id: str, recorder: Recorder
) -> None:
    """It was frozen after it had read the place, and goes on when another one has come further."""
    there = await registrations.load([recorder])
    followers = {recorder.name: (recorder, there[recorder.name])}
    frozen = Slice((await places.find([group_id]))[group_id], followers)
    await send(alice, group_id, "one", "two")
    await follow(group_id, recorder)
    frozen._at = {recorder.name: places.Place(2)}
    await places.write(frozen.known, frozen._at)
    assert (await place_of(group_id, recorder.name)).seq == 4


async def test_two_processes_in_a_group_end_at_the_same_place(alice: Person, group_id: str, recorder: Recorder) -> None:
    await send(alice, group_id, "one", "two")
    await asyncio.gather(follow(group_id, recorder), follow(group_id, recorder))
    assert set(recorder.seqs(group_id)) == {1, 2, 3, 4}
    assert (await place_of(group_id, recorder.name)) == places.Place(4)


# --- beginnings ------------------------------------------------------------------------------------------------------
async def test_who_follows_from_now_is_given_nothing_older(alice: Person, group_id: str, recorder: Recorder) -> None:
    await send(alice, group_id, "old", "older")
    recorder.start = FROM_NOW
    await asyncio.sleep(0.002)  # times have milliseconds
    await registrations.load([recorder])
    await asyncio.sleep(0.002)
    await send(alice, group_id, "new", "newer")
    newer = (await services.create_group(actor=alice.actor, name="Newer")).id
    await follow(group_id, recorder)
    await follow(newer, recorder)
    assert recorder.seen == {group_id: [(5, True), (6, True)], newer: [(1, True)]}


async def test_who_follows_from_the_first_entry_notifies_nobody_of_what_is_older(
    alice: Person, group_id: str, recorder: Recorder
) -> None:
    await send(alice, group_id, "old")
    await asyncio.sleep(0.002)
    await registrations.load([recorder])
    await asyncio.sleep(0.002)
    await send(alice, group_id, "new")
    await follow(group_id, recorder)
    assert recorder.seen[group_id] == [(1, False), (2, False), (3, False), (4, True)]


async def test_nobody_is_notified_of_what_is_hours_old(
    alice: Person, group_id: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was imported, restored, or waited while nothing followed."""
    load = registrations.load

    async def long_ago(followers: list[Recorder]) -> dict[str, registrations.Registration]:
        return {name: replace(found, since="2000-01-01") for name, found in (await load(followers)).items()}

    monkeypatch.setattr(registrations, "load", long_ago)
    await send(alice, group_id, "now")
    await follow(group_id, recorder)
    assert {notify for _, notify in recorder.seen[group_id]} == {True}
    monkeypatch.setattr(Entry, "created_at", "2001-01-01T00:00:00.000Z")
    other = Recorder(f"other of {recorder.name}")
    await follow(group_id, other)
    assert {notify for _, notify in other.seen[group_id]} == {False}


def test_the_later_of_two_places_is_kept() -> None:
    place = places.Place(5, set_aside=(2,))
    assert place.merged(places.Place(7, set_aside=(6,))) == places.Place(7, set_aside=(2, 6))
    assert places.Place(5, tries=2).merged(places.Place(5, tries=3)).tries == 3
    assert place.merged(places.Place(1, generation=2)) == places.Place(1, generation=2)
    assert places.Place(1, generation=2).merged(place) == places.Place(1, generation=2)
