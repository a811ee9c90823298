"""The generator's verdict: what it calls lost, doubled and out of order."""

import pytest

from bench.load.verdict import Verdict, judge_group

pytestmark = pytest.mark.unit

IN_ORDER = [1, 2, 3]


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        ([IN_ORDER, IN_ORDER], Verdict()),
        ([IN_ORDER, [1, 3]], Verdict(lost=1, disordered=1)),
        ([IN_ORDER, [1, 2, 2, 3]], Verdict(twice=1, disordered=1)),
        ([IN_ORDER, [1, 3, 2]], Verdict(disordered=1)),
        ([IN_ORDER, []], Verdict(lost=3, disordered=1)),
    ],
    ids=["all is well", "one is missing", "one came twice", "another order", "one member heard nothing"],
)
def test_each_member_must_see_each_message_once_in_the_order_of_the_others(
    seen: list[list[int]], verdict: Verdict
) -> None:
    assert judge_group(IN_ORDER, seen) == verdict
    assert verdict.good == (verdict == Verdict())


def test_what_was_not_acknowledged_may_have_reached_some() -> None:
    assert judge_group([1, 2], [[1, 2, 9], [1, 2]]).good
