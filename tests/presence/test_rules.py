"""The rules of presence alone: nodes merged, the grace of a drop, which rooms get a change, which group is small."""

import pytest
from pytest_django import Settings

from presence.group_sizes import GroupSizes
from presence.state import MAX_SNAPSHOT, PresenceChange, PresenceState
from presence.user_presence import GONE, UserPresence, merge

from .stage import Clock

pytestmark = pytest.mark.unit

GRACE = 5.0
BOB = "user_bob"


def presence(status: str, *rooms: str) -> UserPresence:
    return UserPresence(status, frozenset(rooms))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(settings: Settings, clock: Clock) -> PresenceState:
    """A state that knows of no other process."""
    settings.PRESENCE_GRACE = GRACE
    return PresenceState(clock)


# --- one user on several nodes ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("presences", "merged"),
    [
        ([], GONE),
        ([presence("away", "a")], presence("away", "a")),
        ([presence("away", "a"), presence("online", "b")], presence("online", "a", "b")),
        ([presence("online", "a"), presence("away", "a", "b"), presence("away")], presence("online", "a", "b")),
        ([presence("away", "a"), presence("away", "b")], presence("away", "a", "b")),
    ],
)
def test_the_most_present_status_counts_and_all_rooms(presences: list[UserPresence], merged: UserPresence) -> None:
    assert merge(presences) == merge(presences[::-1]) == merged


# --- the rooms of a change --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "after", "audience"),
    [
        (GONE, presence("online", "a", "b"), {"a", "b"}),
        (presence("online", "a", "b"), presence("away", "a", "b"), {"a", "b"}),
        (presence("online", "a", "b"), GONE, {"a", "b"}),
        (presence("online", "a"), presence("online", "a", "b"), {"b"}),
        (presence("online", "a", "b"), presence("online", "a"), set()),
        (presence("online", "a", "b"), presence("away", "b", "c"), {"b", "c"}),
    ],
)
def test_a_change_goes_to_the_rooms_that_do_not_know_it(
    before: UserPresence, after: UserPresence, audience: set[str]
) -> None:
    assert PresenceChange(BOB, before, after).audience == audience


# --- the grace -------------------------------------------------------------------------------------------------------
def applied(state: PresenceState) -> list[str]:
    return [change.after.status for change in state.apply()]


def test_a_rise_applies_at_once_and_a_drop_after_the_grace(state: PresenceState, clock: Clock) -> None:
    for lower, higher in (("offline", "away"), ("away", "online")):
        state.set_user(BOB, presence(higher, "a"))
        assert applied(state) == [higher]
        assert lower != state.status_of(BOB) == higher
    state.set_user(BOB, presence("away", "a"))
    assert applied(state) == []
    clock.advance(GRACE - 0.1)
    assert applied(state) == []
    clock.advance(0.1)
    assert applied(state) == ["away"]
    state.remove(BOB)
    assert applied(state) == []
    clock.advance(GRACE)
    assert applied(state) == ["offline"]
    assert state.snapshot(["a"]) == {}


def test_a_return_within_the_grace_is_not_a_change_and_ends_it(state: PresenceState, clock: Clock) -> None:
    state.set_user(BOB, presence("online", "a"))
    assert applied(state) == ["online"]
    for _ in range(3):
        state.remove(BOB)
        assert applied(state) == []
        clock.advance(GRACE - 0.1)
        state.set_user(BOB, presence("online", "a"))
        assert applied(state) == []
    clock.advance(2 * GRACE)
    assert applied(state) == []
    assert state.status_of(BOB) == "online"


def test_a_deeper_drop_has_a_grace_of_its_own(state: PresenceState, clock: Clock) -> None:
    state.set_user(BOB, presence("online", "a"))
    state.apply()
    state.set_user(BOB, presence("away", "a"))
    state.apply()
    clock.advance(GRACE - 0.1)
    state.remove(BOB)
    assert applied(state) == []
    clock.advance(GRACE - 0.1)
    assert applied(state) == []
    clock.advance(0.1)
    assert applied(state) == ["offline"]


def test_rooms_change_at_once_even_during_the_grace(state: PresenceState) -> None:
    state.set_user(BOB, presence("online", "a"))
    state.apply()
    state.set_user(BOB, presence("away", "b"))
    assert state.apply() == [PresenceChange(BOB, presence("online", "a"), presence("online", "b"))]
    assert state.snapshot(["a"]) == {}
    assert state.snapshot(["b"]) == {BOB: "online"}


def test_what_is_over_the_limit_is_applied_next(state: PresenceState) -> None:
    users = {f"user_{number}" for number in range(5)}
    for user_id in users:
        state.set_user(user_id, presence("online", "a"))
    parts = [[change.user_id for change in state.apply(limit=2)] for _ in range(4)]
    assert [len(part) for part in parts] == [2, 2, 1, 0]
    assert {user_id for part in parts for user_id in part} == users


def test_a_snapshot_has_a_limit_and_begins_with_the_smallest_room(state: PresenceState) -> None:
    for number in range(MAX_SNAPSHOT + 5):
        state.set_user(f"user_{number}", presence("online", "large"))
    state.set_user(BOB, presence("away", "small"))
    state.apply()
    statuses = state.snapshot(["large", "small", "empty"])
    assert len(statuses) == MAX_SNAPSHOT
    assert statuses[BOB] == "away"


# --- group sizes -----------------------------------------------------------------------------------------------------
SMALL, NONE = frozenset({"small"}), frozenset[str]()


class Store:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    async def count_members(self, group_id: str, limit: int) -> int:
        self.asked.append(group_id)
        if self.fails:
            raise OSError("the store is down")
        return min(limit, 3 if group_id == "large" else 2)


def test_a_profile_goes_to_the_smallest_rooms_within_a_bound(state: PresenceState) -> None:
    for number in range(30):
        rooms = ("large", "small") if number < 3 else ("large",)
        state.set_user(f"user_{number}", presence("online", *rooms))
    state.set_user(BOB, presence("away", "large", "small", "alone"))
    state.apply()
    assert state.rooms_of(BOB, most_users=100) == ["small", "large"]
    assert state.rooms_of(BOB, most_users=34) == ["small"]
    assert state.rooms_of(BOB, most_users=3) == []
    assert state.rooms_of("user_nobody", most_users=100) == []


async def test_a_group_is_looked_up_once_and_again_after_minutes(settings: Settings, clock: Clock) -> None:
    settings.PRESENCE_MAX_MEMBERS = 2
    store = Store()
    sizes = GroupSizes(clock, store.count_members)
    for _ in range(2):
        assert sizes.small_groups({"small", "large"}) is None
    await sizes.wait_for_lookups()
    for _ in range(2):
        assert sizes.small_groups({"small", "large"}) == SMALL
    await sizes.wait_for_lookups()
    assert sorted(store.asked) == ["large", "small"]
    clock.advance(601)
    # Known as before until it was looked up.
    assert sizes.small_groups({"small"}) == SMALL
    await sizes.wait_for_lookups()
    assert store.asked[2:] == ["small"]


async def test_a_group_counts_as_large_until_the_store_answers(settings: Settings, clock: Clock) -> None:
    settings.PRESENCE_MAX_MEMBERS = 2
    store = Store()
    sizes = GroupSizes(clock, store.count_members)
    store.fails = True
    assert sizes.small_groups({"small"}) is None
    await sizes.wait_for_lookups()
    assert sizes.small_groups({"small"}) == NONE
    store.fails = False
    clock.advance(4)
    assert sizes.small_groups({"small"}) == NONE
    await sizes.wait_for_lookups()
    assert store.asked == ["small"]
    clock.advance(2)
    sizes.small_groups({"small"})
    await sizes.wait_for_lookups()
    assert sizes.small_groups({"small"}) == SMALL
