"""The delays between retries grow, are bounded, and differ between callers."""

import random

import pytest

from foundation.backoff import backoff

pytestmark = pytest.mark.unit


def test_the_longest_delays_double_up_to_the_cap() -> None:
    delays = backoff(6, base=0.1, cap=1, uniform=lambda low, high: high)
    assert list(delays) == pytest.approx([0.1, 0.2, 0.4, 0.8, 1, 1])


def test_a_delay_is_drawn_from_zero_to_the_longest() -> None:
    assert list(backoff(6, base=0.1, cap=1, uniform=lambda low, high: low)) == [0] * 6
    draw = random.Random(7).uniform
    first = [next(backoff(1, base=0.1, cap=1, uniform=draw)) for _ in range(200)]
    assert min(first) < 0.01
    assert 0.09 < max(first) <= 0.1
    assert len(set(first)) > 190


def test_no_retries_have_no_delays() -> None:
    assert list(backoff(0, base=0.1, cap=1)) == []
