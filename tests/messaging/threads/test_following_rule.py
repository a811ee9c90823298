"""When somebody follows a thread, whatever the order in which it is found out."""

from itertools import permutations

import pytest

from messaging.threads.following import Following

pytestmark = pytest.mark.unit
NOTHING = Following()


def test_the_first_reason_counts_in_any_order() -> None:
    for order in permutations((7, 4, 9)):
        following = NOTHING
        for seq in order:
            following = following.with_reason(seq)
        assert following.began == 4


def test_who_stopped_follows_again_for_a_later_reason_alone() -> None:
    stopped = NOTHING.with_reason(4).ended_by_hand(6)
    assert stopped.began is None
    assert stopped.with_reason(4).began is None
    assert stopped.with_reason(6).began is None
    assert stopped.with_reason(7).began == 7


def test_who_begins_by_hand_after_stopping_at_the_same_place_follows() -> None:
    assert NOTHING.ended_by_hand(6).begun_by_hand(6).began == 6
    assert NOTHING.ended_by_hand(6).begun_by_hand(6).ended_by_hand(6).began is None


def test_leaving_ends_what_began_before_and_nothing_after() -> None:
    assert NOTHING.with_reason(4).left(6).began is None
    assert NOTHING.begun_by_hand(4).left(6).began is None
    # Back in the group, before anybody has handled the leaving.
    assert NOTHING.begun_by_hand(8).left(6).began == 8
    back = NOTHING.with_reason(4).left(6).with_reason(9)
    assert back.left(6) == back
    assert back.left(6).with_reason(5).began == 9


def test_a_place_in_the_list_only_moves_forward() -> None:
    assert NOTHING.at_reply(5, "b").at_reply(4, "a") == NOTHING.at_reply(5, "b")
    assert not NOTHING.at_reply(5, "b").is_listed
    assert NOTHING.at_reply(5, "b").with_reason(3).is_listed
