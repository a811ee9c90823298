"""Errors are counted in windows that move with the time, from any thread."""

import threading

import pytest

from foundation.counters import ErrorCounts

pytestmark = pytest.mark.unit


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_error_counts_in_each_window_until_that_has_passed(clock: Clock) -> None:
    errors = ErrorCounts(clock)
    errors.count("not_found")
    clock.now += 30
    errors.count("not_found")
    errors.count("invalid")
    assert errors.within(60) == {"not_found": 2, "invalid": 1}
    clock.now += 40
    assert errors.within(60) == {"not_found": 1, "invalid": 1}
    assert errors.within(300) == {"not_found": 2, "invalid": 1}
    clock.now += 300
    assert errors.within(60) == errors.within(300) == {}
    assert errors.within(900) == {"not_found": 2, "invalid": 1}
    clock.now += 900
    assert errors.within(900) == {}


def test_what_is_past_all_windows_is_forgotten(clock: Clock) -> None:
    errors = ErrorCounts(clock)
    for _ in range(10_000):
        errors.count("invalid")
        clock.now += 5
    assert len(errors._slots) <= 181
    assert errors.within(900)["invalid"] == 179


def test_none_is_lost_when_threads_count_at_once() -> None:
    errors = ErrorCounts(Clock())

    def count() -> None:
        for _ in range(5_000):
            errors.count("x")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors.within(60) == {"x": 20_000}
