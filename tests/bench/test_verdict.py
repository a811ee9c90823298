"""The load generator's verdict: what counts as lost, duplicate and out of order."""

import pytest

from bench.load.verdict import Verdict, check_group

pytestmark = pytest.mark.unit

IN_ORDER = [1, 2, 3]


@pytest.mark.parametrize(
    ("received", "verdict"),
    [
        ([IN_ORDER, IN_ORDER], Verdict()),
        ([IN_ORDER, [1, 3]], Verdict(lost=1, disordered=1)),
        ([IN_ORDER, [1, 2, 2, 3]], Verdict(twice=1, disordered=1)),
        ([IN_ORDER, [1, 3, 2]], Verdict(disordered=1)),
        ([IN_ORDER, []], Verdict(lost=3, disordered=1)),
    ],
    ids=["correct", "one lost", "one duplicate", "another order", "nothing received"],
)
def test_each_member_must_see_each_message_once_in_the_order_of_the_others(
    received: list[list[int]], verdict: Verdict
) -> None:
    assert check_group(IN_ORDER, received) == verdict
    assert verdict.ok == (verdict == Verdict())


def test_an_unacknowledged_message_may_have_reached_some_members() -> None:
    assert check_group([1, 2], [[1, 2, 9], [1, 2]]).ok
